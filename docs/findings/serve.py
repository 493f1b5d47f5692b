"""Sends raw responses, one to each request and the last one ever after: serve.py PORT FILE...
PATH=FILE is for all requests whose path begins so. After a file whose name ends in .reset the
connection is reset, after others it is closed."""

import socket
import struct
import sys
import time

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
always = [word.split("=") for word in sys.argv[2:] if "=" in word]
files = [word for word in sys.argv[2:] if "=" not in word]
while True:
    peer, _ = listener.accept()
    request = peer.recv(65536).decode("latin-1")
    print(request, flush=True)
    mine = [file for path, file in always if request.partition(" ")[2].startswith(path)]
    name = mine[0] if mine else files.pop(0) if len(files) > 1 else files[0]
    try:
        peer.sendall(open(name, "rb").read())
    except OSError:
        pass  # It has gone.
    if name.endswith(".reset"):
        time.sleep(0.5)  # A reset takes with it what was not read yet.
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
