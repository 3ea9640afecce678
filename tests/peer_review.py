#!/usr/bin/python3
# The upper bound of a review, computed anew: exact sums of binomial terms in rational numbers. peer_review.py FOUND REVIEWED [...]:
# for each pair the least whole number of parts in a million at which FOUND or fewer of REVIEWED come with a chance of 5% or less.
# With --sample KEY-HEX N COUNT: the numbers, of 1 to COUNT, with the N lowest HMAC-SHA-256 under the key.
import hashlib, hmac, struct, sys
from math import comb

MILLION = 10**6


def likely(found, reviewed, ppm):
    total = sum(comb(reviewed, k) * ppm**k * (MILLION - ppm) ** (reviewed - k) for k in range(found + 1))
    return total * 20 > MILLION**reviewed  # more than 5%


def bound(found, reviewed):
    if reviewed == 0 or found >= reviewed:
        return MILLION
    low, high = 0, MILLION
    while high - low > 1:
        middle = (low + high) // 2
        if likely(found, reviewed, middle):
            low = middle
        else:
            high = middle
    return high


if __name__ == "__main__":
    if sys.argv[1] == "--sample":
        key, n, count = bytes.fromhex(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
        rank = lambda i: hmac.new(key, struct.pack(">Q", i), hashlib.sha256).digest()
        print(*sorted(range(1, count + 1), key=rank)[:n])
    else:
        for found, reviewed in zip(sys.argv[1::2], sys.argv[2::2]):
            print(found, reviewed, bound(int(found), int(reviewed)))
