"""Writes vectors.json: a second implementation of docs/formats/grant.md that shares no code with src/."""
import base64, hashlib, hmac, json, os, struct, zlib
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors.json")
CODES = dict(operations=1, environments=2, targets=3, resources=4, expires=5, rows=6, holder=7, delegate=8)
def b64(b): return base64.urlsafe_b64encode(b).decode().rstrip('=')
def unb64(s): return base64.urlsafe_b64decode(s + '=' * (-len(s) % 4))
def cav(c):
    w, v = c
    if isinstance(v, list): p = b''.join(bytes([len(i.encode())]) + i.encode() for i in v)
    elif isinstance(v, int): p = v.to_bytes(6, 'big')
    elif w == 'holder': p = unb64(v)
    else: p = v.encode()
    return bytes([CODES[w]]) + struct.pack('>H', len(p)) + p
def frame(b): return struct.pack('>H', len(b)) + b
def mac(k, m): return hmac.new(k, m, hashlib.sha256).digest()
def token(body):
    t = b64(body); return 'fbk_%s_%08x' % (t, zlib.crc32(t.encode()))
def make(key, gid, hops):
    root = frame(bytes([len(gid)]) + gid.encode() + b''.join(map(cav, hops[0])))
    out, tail, ids = [root], mac(key, b'firebreak grant v1\n' + root), [gid]
    for h in hops[1:]:
        f = frame(b''.join(map(cav, h))); out.append(f); tail = mac(tail, f)
        ids.append('hop_' + hashlib.sha256(tail).hexdigest()[:32])
    return b'\x01' + b''.join(out) + tail, ids
key = bytes(range(32))
R = [['operations', ['read', 'customDomain*']], ['environments', ['staging']], ['expires', 2000000000000]]
good = []
for name, gid, hops in [
  ('a root alone', 'grant_1', [R]),
  ('every kind of caveat', 'grant_2', [R + [['targets', ['railway']], ['resources', ['service/s1', 'environment/e1']], ['rows', 100], ['holder', 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k']]]),
  ('two hops, the second handed on without a caveat of its own', 'grant_1', [R, [['operations', ['customDomainCreate']], ['delegate', 'agent:helper']], []]),
  ('names with spaces and letters beyond ASCII', 'grant_3', [[['operations', ['DROP TABLE', 'DELETE /servers/{id}']], ['environments', ['producción']], ['expires', 1]]]),
  ('the largest numbers', 'grant_4', [R + [['rows', 2**48 - 1]], [['expires', 2**48 - 1], ['rows', 0]]]),
]:
    body, ids = make(key, gid, hops)
    good.append(dict(name=name, id=gid, hops=hops, hopIds=ids, token=token(body)))
body, _ = make(key, 'grant_1', [R, [['rows', 5]]])
parent, _ = make(key, 'grant_1', [R])
bad = []
def no(name, why, text): bad.append(dict(name=name, why=why, token=text))
flip = lambda b, i: b[:i] + bytes([b[i] ^ 1]) + b[i+1:]
no('the last hop taken off', 'not minted here', token(parent[:-32] + body[-32:]))
no('minted under another key', 'not minted here', token(make(bytes(32), 'grant_1', [R])[0]))
no('a changed bit in the root', 'not minted here', token(flip(body, 5)))
no('a changed bit in the tail', 'not minted here', token(flip(body, len(body) - 1)))
no('another version', 'another version', token(b'\x02' + body[1:]))
def raw(root_tail, hop=None):
    root = frame(b'\x07grant_1' + b''.join(map(cav, R)) + root_tail); t = mac(key, b'firebreak grant v1\n' + root); out = root
    if hop is not None: f = frame(hop); t = mac(t, f); out += f
    return token(b'\x01' + out + t)
no('a caveat of the unknown kind 9', 'does not know', raw(b'', b'\x09\x00\x01\x00'))
no('a caveat of kind 0', 'does not know', raw(b'\x00\x00\x00'))
no('an empty list', 'does not know', raw(b'', b'\x01\x00\x00'))
no('a name that is no UTF-8', 'does not know', raw(b'', b'\x08\x00\x02\xc3\x28'))
no('a name in an overlong encoding', 'does not know', raw(b'', b'\x08\x00\x02\xc1\xa1'))
no('a name with a line end', 'does not know', raw(b'', b'\x08\x00\x03a\nb'))
no('a name that is not in normal form C', 'does not know', raw(b'', cav(['delegate', 'e\u0301'])))
no('a number of five bytes', 'does not know', raw(b'', b'\x06\x00\x05\x00\x00\x00\x00\x01'))
no('a list whose last name is cut', 'does not know', raw(b'', b'\x01\x00\x02\x05a'))
no('a caveat longer than its hop', 'does not know', raw(b'', b'\x01\x00\x09\x01a'))
no('a byte too many before the tail', 'damaged', token(body[:-32] + b'\x00' + body[-32:]))
no('no hop at all', 'damaged', token(b'\x01' + bytes(32)))
no('no expiry in the root', 'no expiry', token(make(key, 'grant_1', [R[:2], [R[2]]])[0]))
no('no environment in the root', 'no environment', token(make(key, 'grant_1', [[R[0], R[2]], [R[1]]])[0]))
no('33 hops', 'damaged', token(make(key, 'grant_1', [R] + [[]] * 32)[0]))
t = b64(parent)
no('padding', 'not a grant', 'fbk_%s=_%08x' % (t, zlib.crc32((t + '=').encode())))
no('a checksum in upper case', 'not a grant', token(parent)[:-8] + 'ABCDEF01')
no('the checksum of another text', 'checksum', token(parent)[:-8] + '%08x' % (zlib.crc32(t.encode()) ^ 1))
json.dump(dict(about='Grants of docs/formats/grant.md, written by a second implementation', rootKey=key.hex(), good=good, bad=bad), open(OUT, 'w'), indent=2, ensure_ascii=False)
open(OUT, 'a').write('\n')
