"""Listens as systemd does on NOTIFY_SOCKET and prints what it is told, a line for each assignment: notify.py PATH"""

import select
import socket
import sys

receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print("listening", flush=True)
while True:
    ready, _, _ = select.select([receiver, sys.stdin], [], [])
    if receiver in ready:
        print(receiver.recv(4096).decode().strip(), flush=True)
    if sys.stdin in ready:
        break
