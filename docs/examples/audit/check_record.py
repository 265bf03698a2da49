"""Check an answer of /api/v1/courts/COURT/audit, trusting nobody but a public key.

python check_record.py PUBLIC_KEY ANSWER.json [CHECKPOINT]      (pip install cryptography)

PUBLIC_KEY is a line of `signon audit keys`, had from the operators once. CHECKPOINT is the file in
which the last checkpoint is kept: the answer, asked for with ?since=ITS SIZE, must go on from it.
Prints the events that hold, and puts the new checkpoint into the file.
"""

import base64, hashlib, json, pathlib, sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

decode = base64.b64decode
node = lambda left, right: hashlib.sha256(b"\1" + left + right).digest()


def checkpoint(note, key):
    """Size and root, if the key has signed the note (C2SP signed-note, tlog-checkpoint)."""
    name, key_id, public = key.split("+", 2)
    text, _, signatures = note.rpartition("\n\n")
    for line in signatures.splitlines():
        signature = decode(line.split(" ")[2])
        if line.split(" ")[1] == name and signature[:4].hex() == key_id:
            public_key = Ed25519PublicKey.from_public_bytes(decode(public)[1:])
            public_key.verify(signature[4:], f"{text}\n".encode())  # raises InvalidSignature
            origin, size, root = text.split("\n")[:3]
            assert origin == name, "the checkpoint of another house"
            return int(size), decode(root)
    sys.exit("The checkpoint is not signed by that key.")


def climb(found, place, last, path, old=None):
    """RFC 9162 sections 2.1.3.2 and 2.1.4.2: the root that a path leads to, and the older one."""
    for other in path:
        assert last > 0, "the proof is too long"
        if place & 1 or place == last:
            found, old = node(other, found), old and node(other, old)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node(found, other)
        place, last = place >> 1, last >> 1
    assert last == 0, "the proof is too short"
    return found, old


key, answer, kept = sys.argv[1], json.loads(pathlib.Path(sys.argv[2]).read_text()), sys.argv[3:]
size, root = checkpoint(answer["checkpoint"], key)
for event in answer["events"]:
    leaf = hashlib.sha256(b"\0" + event["leaf"].encode()).digest()
    assert 0 <= event["place"] < size, "no place of this tree"
    proved, _ = climb(leaf, event["place"], size - 1, map(decode, event["proof"]))
    assert proved == root, f"event {event['seq']} is not in the tree"
    print(event["leaf"])
if kept and pathlib.Path(kept[0]).exists():
    old_size, old_root = checkpoint(pathlib.Path(kept[0]).read_text(), key)
    path = [decode(one) for one in answer["consistency"]]
    assert old_size <= size, "the record was cut off"
    if old_size < size:
        path = path if old_size & (old_size - 1) else [old_root, *path]
        turns = ((old_size - 1) ^ old_size).bit_length() - 1
        ends = climb(path[0], old_size - 1 >> turns, size - 1 >> turns, path[1:], path[0])
        assert ends == (root, old_root), "the record does not go on from the kept checkpoint"
    else:
        assert old_root == root, "two records of one size"
if kept:
    pathlib.Path(kept[0]).write_text(answer["checkpoint"])
