-- The library of version_1.sql in tables as version 9 made them, with a job that failed and one that waits.
PRAGMA application_id = 1380995393;
PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0009');
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    created TEXT NOT NULL,
    revoked TEXT
, roles TEXT DEFAULT 'ask,download' NOT NULL, collections TEXT);
INSERT INTO "api_keys" VALUES('7d6e995d','Ada','76bca357f85e7493a66092c94136a7475802f1a63fd6409a577c3eed46f8fc87','2026-11-28T22:32:46.706+00:00',NULL,'ask,download',NULL);
CREATE TABLE changes (
	generation INTEGER NOT NULL, 
	document_id TEXT NOT NULL, 
	stamp TEXT NOT NULL, 
	swapped INTEGER NOT NULL, 
	PRIMARY KEY (generation, document_id)
);
CREATE TABLE citations (
	message_id TEXT NOT NULL, 
	document_id TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	PRIMARY KEY (message_id, document_id, sha256), 
	FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
);
CREATE TABLE collections (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "collections" VALUES('default','default','2026-11-30T11:06:46.501+00:00');
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT ''
, collections TEXT);
INSERT INTO "conversations" VALUES('851d51da8a9f402e9a153403c92a4d93','大棚','2026-11-28T22:32:46.702+00:00','2026-11-28T22:32:46.703+00:00','a1b2c3d4',NULL);
CREATE TABLE documents (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    given_title TEXT,
    sha256 TEXT NOT NULL,
    chars INTEGER NOT NULL,
    passages INTEGER NOT NULL,
    date TEXT,
    source TEXT,
    added TEXT NOT NULL,
    built TEXT NOT NULL,
    crc INTEGER NOT NULL
);
INSERT INTO "documents" VALUES(1,'5b5a2d734c70d7a2','双桥镇.txt','双桥镇：工作报告',NULL,'6cb332202680bb3085c961f5874b7239f0c10f0f0898a87601bef2d58cbd411e',60,1,NULL,NULL,'2026-11-28T22:32:46+00:00','toy-4 chunking-v3-350 vectors-mean-1',167790672);
INSERT INTO "documents" VALUES(2,'d67fcccc8efabca3','northfield.txt','Northfield','Northfield','c711d71290164c3ae6ef9df853b5bd0b7feadf7e955eca10cc005b9e07ee9a2c',52,1,NULL,NULL,'2026-11-28T22:32:46+00:00','toy-4 chunking-v3-350 vectors-mean-1',4201642080);
CREATE TABLE feedback (
    message_id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    rating TEXT NOT NULL,
    comment TEXT NOT NULL,
    created TEXT NOT NULL,
    answer TEXT NOT NULL,
    history TEXT NOT NULL
);
INSERT INTO "feedback" VALUES('f988d7a422c14cd7a72b4f22713da721','851d51da8a9f402e9a153403c92a4d93','down','太短','2026-11-28T22:32:46.704+00:00','{"question":"大棚多少个？","standalone_question":"大棚多少个？","answer":"111个。","abstained":false,"reason":null,"sentences":[],"citations":[],"passages":[],"latency_ms":{"rewrite":0.0,"retrieve":0.0,"answer":0.0,"total":0.0},"answerer":"","warnings":[],"dropped":0,"unknown_labels":0}','[]');
CREATE TABLE jobs (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	idempotency_key TEXT, 
	kind TEXT NOT NULL, 
	document TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	state TEXT NOT NULL, 
	done INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	reason TEXT, 
	attempts INTEGER NOT NULL, 
	worker TEXT, 
	lease_ends INTEGER, 
	created TEXT NOT NULL, 
	updated TEXT NOT NULL, result TEXT, 
	PRIMARY KEY (number), 
	UNIQUE (id), 
	UNIQUE (idempotency_key)
);
INSERT INTO "jobs" VALUES(1,'0d4e9a7b5c3f4e21a8b6d0c2e4f60718',NULL,'ingest','northfield.txt','','failed',0,0,'the disk is full',1,NULL,NULL,'2026-11-28T22:40:00.000+00:00','2026-11-28T22:40:01.000+00:00',NULL);
INSERT INTO "jobs" VALUES(2,'19f9469ffbb84114a7ea17c810643a72',NULL,'ingest','northfield.txt','{"source": "upload", "file": "77f8d7a0b1d24f0c8f2c3c9a6c1b2a10"}','queued',0,0,NULL,0,NULL,NULL,'2026-11-30T11:06:46.541+00:00','2026-11-30T11:06:46.541+00:00',NULL);
CREATE TABLE members (
	document INTEGER NOT NULL, 
	collection TEXT NOT NULL, 
	PRIMARY KEY (document, collection), 
	FOREIGN KEY(document) REFERENCES documents ("key") ON DELETE CASCADE, 
	FOREIGN KEY(collection) REFERENCES collections (id) ON DELETE CASCADE
);
INSERT INTO "members" VALUES(1,'default');
INSERT INTO "members" VALUES(2,'default');
CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    role TEXT NOT NULL,
    content TEXT NOT NULL,
    answer TEXT,
    created TEXT NOT NULL,
    UNIQUE (conversation_id, ordinal)
);
INSERT INTO "messages" VALUES('be09d6379af94aa29fcaaa5b45023b19','851d51da8a9f402e9a153403c92a4d93',0,'user','大棚多少个？',NULL,'2026-11-28T22:32:46.703+00:00');
INSERT INTO "messages" VALUES('f988d7a422c14cd7a72b4f22713da721','851d51da8a9f402e9a153403c92a4d93',1,'assistant','111个。','{"question":"大棚多少个？","standalone_question":"大棚多少个？","answer":"111个。","abstained":false,"reason":null,"sentences":[],"citations":[],"passages":[],"latency_ms":{"rewrite":0.0,"retrieve":0.0,"answer":0.0,"total":0.0},"answerer":"","warnings":[],"dropped":0,"unknown_labels":0}','2026-11-28T22:32:46.703+00:00');
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "meta" VALUES('generation','2');
INSERT INTO "meta" VALUES('library','3b6f3efd38264f069b9cf953dbac0426');
INSERT INTO "meta" VALUES('next_job','3');
INSERT INTO "meta" VALUES('next_passage','3');
INSERT INTO "meta" VALUES('stamp','497a210ad56442d3b4bf8cbce789cac9');
CREATE TABLE original_parts (
	sha256 TEXT NOT NULL, 
	part INTEGER NOT NULL, 
	data BLOB NOT NULL, 
	crc INTEGER NOT NULL, 
	PRIMARY KEY (sha256, part)
);
CREATE TABLE originals (
	document INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	PRIMARY KEY (document), 
	FOREIGN KEY(document) REFERENCES documents ("key") ON DELETE CASCADE
);
CREATE TABLE origins (
	document_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	source TEXT NOT NULL, 
	file_sha256 TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	modified INTEGER NOT NULL, 
	PRIMARY KEY (document_id)
);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    kind TEXT NOT NULL,
    section TEXT NOT NULL,
    text TEXT NOT NULL,
    spans TEXT NOT NULL,
    crc INTEGER NOT NULL
);
INSERT INTO "passages" VALUES(1,1,0,'paragraph','乡村振兴','双桥镇新建蔬菜大棚111个，带动农户77户增收。全年集体经济收入3.5亿元。','[[[21,59]],[[[[21,45]],0],[[[45,59]],24]]]',1903996204);
INSERT INTO "passages" VALUES(2,2,0,'paragraph','','Northfield runs 14 libraries. It opened one in 2023.','[[[0,52]],[[[[0,29]],0],[[[30,52]],30]]]',1171405301);
CREATE TABLE places (
	document INTEGER NOT NULL, 
	pages TEXT NOT NULL, 
	boxes BLOB NOT NULL, 
	crc INTEGER NOT NULL, 
	PRIMARY KEY (document), 
	FOREIGN KEY(document) REFERENCES documents ("key") ON DELETE CASCADE
);
CREATE TABLE received_parts (
	id TEXT NOT NULL, 
	part INTEGER NOT NULL, 
	created INTEGER NOT NULL, 
	data BLOB NOT NULL, 
	PRIMARY KEY (id, part)
);
CREATE TABLE responses (
	id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	previous_id TEXT, 
	created INTEGER NOT NULL, 
	request TEXT NOT NULL, 
	turns TEXT NOT NULL, 
	answer TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE texts (
    document INTEGER PRIMARY KEY REFERENCES documents (key) ON DELETE CASCADE,
    text TEXT NOT NULL,
    blocks TEXT NOT NULL,
    crc INTEGER NOT NULL
);
INSERT INTO "texts" VALUES(1,'# 双桥镇：工作报告

## 乡村振兴

双桥镇新建蔬菜大棚111个，带动农户77户增收。全年集体经济收入3.5亿元。
','[["title","双桥镇：工作报告",[[2,10]],1],["heading","乡村振兴",[[15,19]],2],["paragraph","双桥镇新建蔬菜大棚111个，带动农户77户增收。全年集体经济收入3.5亿元。",[[21,59]],0]]',3925846678);
INSERT INTO "texts" VALUES(2,'Northfield runs 14 libraries. It opened one in 2023.','[["paragraph","Northfield runs 14 libraries. It opened one in 2023.",[[0,52]],0]]',695783278);
CREATE TABLE vector_cache (
    embedder TEXT NOT NULL,
    kind TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (embedder, kind, sha256)
) WITHOUT ROWID;
INSERT INTO "vector_cache" VALUES('toy-4','passage',X'30153FB7D5B25152C0F9F5715248CE1646BA0F55DDACC6BE7D31A8058A88DB02',X'7604543E72AD9FBE063FF63DE3616BBF');
INSERT INTO "vector_cache" VALUES('toy-4','passage',X'40879FAF5671322A49EA5C89954E45F750A16D418D46F3FF634221B6FED11D80',X'6D422D3FCFE702BF965D72BD30BA06BF');
INSERT INTO "vector_cache" VALUES('toy-4','passage',X'ACC0C4EFE143483B0FE769CC86B7BD43255973F91479B17161996FC18F40B36B',X'6A7E843DD1CDF3BE154A373FEFA3013F');
INSERT INTO "vector_cache" VALUES('toy-4','passage',X'CE24FBBB5BF0BA3FF948D6650D8CB0FE78683A762465F74DBFF498F79985E01C',X'E319733FDF2BFDBD333B923E222C183D');
INSERT INTO "vector_cache" VALUES('toy-4','passage',X'EADA319B22A2B409BDE3A8032438876DDF27CE015211B832B1F443A652EFCD49',X'14A4163F93F2AB3D773B9CBE96783E3F');
INSERT INTO "vector_cache" VALUES('toy-4','passage',X'FC78CAEA217C3A4602E11179A66C204E39B42323A8407CEA63F02D36AB430317',X'87BA693F39E474BD3E47883E704D9BBE');
CREATE TABLE vectors (
    passage INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    vector BLOB NOT NULL,
    sentences BLOB NOT NULL,
    crc INTEGER NOT NULL
);
INSERT INTO "vectors" VALUES(1,X'4763083FD5C71ABF36D50E3F89054B3E',X'A032FDB4B22F5BBBB538602DE2B4F439',2657641994);
INSERT INTO "vectors" VALUES(2,X'DF056B3FB7157BBE79413D3E686580BE',X'6A3917B893AB36B84E3BA7AB4234DAB4',578458457);
CREATE TABLE versions (
	document_id TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	name TEXT NOT NULL, 
	title TEXT NOT NULL, 
	date TEXT, 
	source TEXT, 
	added TEXT NOT NULL, 
	superseded TEXT NOT NULL, 
	text TEXT NOT NULL, 
	blocks TEXT NOT NULL, 
	crc INTEGER NOT NULL, 
	PRIMARY KEY (document_id, sha256)
);
CREATE INDEX documents_sha256 ON documents (sha256);
CREATE INDEX passages_document ON passages (document, ordinal);
CREATE INDEX feedback_conversation ON feedback (conversation_id);
CREATE INDEX conversations_recent ON conversations (owner, updated);
CREATE INDEX jobs_state ON jobs (state, number);
CREATE INDEX jobs_document ON jobs (document, number);
CREATE INDEX jobs_updated ON jobs (updated);
CREATE INDEX citations_document ON citations (document_id, sha256);
CREATE INDEX origins_source ON origins (source);
CREATE INDEX members_collection ON members (collection, document);
CREATE INDEX originals_sha256 ON originals (sha256);
CREATE INDEX responses_created ON responses (created);
CREATE INDEX changes_stamp ON changes (stamp);
COMMIT;
