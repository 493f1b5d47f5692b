"""The bytes of every object that the mock server sends, by offset.

The byte at offset k is template[k % PERIOD]; the template is the top byte of a
64-bit linear congruential generator (mock-server/src/body/template.rs).
"""

PERIOD = 1_048_573
MULTIPLIER = 6_364_136_223_846_793_005
INCREMENT = 1_442_695_040_888_963_407


def template():
    """One period of the pattern."""
    state = 1
    out = bytearray(PERIOD)
    for index in range(PERIOD):
        state = (state * MULTIPLIER + INCREMENT) & 0xFFFF_FFFF_FFFF_FFFF
        out[index] = state >> 56
    return bytes(out)


class Verifier:
    """Compares what arrives, chunk by chunk, with the pattern.

    It allocates nothing but views: memory is measured while it works.
    """

    def __init__(self, one_period):
        self.doubled = one_period + one_period
        self.offset = 0
        self.matches = True

    def check(self, chunk):
        view = memoryview(chunk)
        while view:
            start = self.offset % PERIOD
            piece = view[: 2 * PERIOD - start]
            # Compares in place, from `start` on.
            self.matches = self.matches and self.doubled.startswith(piece, start)
            self.offset += len(piece)
            view = view[len(piece) :]
