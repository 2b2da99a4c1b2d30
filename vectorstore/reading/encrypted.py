"""Office files that are encrypted (.docx, .xlsx, .pptx, and .doc, .xls, .ppt of old), opened with their password."""

from __future__ import annotations

import io
from dataclasses import replace

from vectorstore.errors import UnreadableSource
from vectorstore.reading.archive import OLE
from vectorstore.reading.base import Source


def decrypted(source: Source) -> Source:
    """Return a source with its content decrypted; itself where it is no encrypted Office file.

    Raises:
        UnreadableSource: its password is missing or wrong, or it is encrypted in a way that is not known.
    """
    if not source.data.startswith(OLE):
        return source
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    out = io.BytesIO()
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(source.data))
        if not file.is_encrypted():
            return source
        if source.options.password is None:
            raise UnreadableSource(f"{source.where} is encrypted: give its password with --password")
        file.load_key(password=source.options.password, verify_password=True)
        file.decrypt(out)
    except FileFormatError:
        return source
    except (InvalidKeyError, DecryptionError) as error:
        wrong = "and the password is wrong; give the right one with --password"
        raise UnreadableSource(f"{source.where} is encrypted: {wrong}") from error
    except (ParseError, OSError, ValueError, KeyError, AttributeError, NotImplementedError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise UnreadableSource(f"{source.where} can't be decrypted ({reason}); save it without a password") from error
    return replace(source, data=out.getvalue())
