"""What bgzip writes: gzip members of at most 64 KB that say in their heads how large they are."""

import struct
import zlib


def block(data, level=1):
    deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
    raw = deflate.compress(data) + deflate.flush()
    head = struct.pack("<4B4x2BH2s2H", 31, 139, 8, 4, 0, 255, 6, b"BC", 2, len(raw) + 25)
    return head + raw + struct.pack("<2I", zlib.crc32(data), len(data))


def compress(data, size=0xFF00):
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(map(block, [*parts, b""]))
