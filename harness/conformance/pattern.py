"""The bytes of every object that the mock server sends, by offset.

The byte at offset k is template[k % PERIOD]; the template is the top byte of a
64-bit linear congruential generator (mock-server/src/body/template.rs). With a
ratio each block of 64 bytes stands there so often.
"""

PERIOD = 1_048_573
BLOCK = 64
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

    def __init__(self, one_period, ratio=1):
        self.doubled = one_period + one_period
        self.ratio = ratio
        self.offset = 0
        self.matches = True

    def check(self, chunk):
        view = memoryview(chunk)
        while view:
            start, together = self.place()
            piece = view[:together]
            # Compares in place, from `start` on.
            self.matches = self.matches and self.doubled.startswith(piece, start)
            self.offset += len(piece)
            view = view[len(piece) :]

    def place(self):
        """Where the next byte stands in the template, and how many from there on."""
        if self.ratio == 1:
            start = self.offset % PERIOD
            return start, 2 * PERIOD - start
        within = self.offset % BLOCK
        run = self.offset // (BLOCK * self.ratio)
        return (run * BLOCK + within) % PERIOD, BLOCK - within
