package dev.tributary.vertx.internal.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class OffsetRangesTest {
  private final OffsetRanges watermark = new OffsetRanges();

  @Test
  void goesOnOnlyWithoutAGap() {
    watermark.finish(1);
    watermark.finish(2);
    assertThat(watermark.from(0)).isZero();
    watermark.finish(0);
    assertThat(watermark.from(0)).isEqualTo(3);
    assertThat(watermark.from(2)).isEqualTo(3);
    assertThat(watermark.from(3)).isEqualTo(3);
  }

  @Test
  void isTheSameAsASetOfOffsets() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      OffsetRanges spans = new OffsetRanges();
      BitSet offsets = new BitSet();
      for (int i = 0; i < 60; i++) {
        int from = random.nextInt(100);
        int end = from + random.nextInt(5);
        spans.finish(from, end);
        offsets.set(from, end);
      }
      for (int offset = 0; offset < 110; offset++) {
        assertThat(spans.finished(offset)).as("seed %d, %d", seed, offset).isEqualTo(offsets.get(offset));
        assertThat(spans.from(offset)).as("seed %d, from %d", seed, offset).isEqualTo(offsets.nextClearBit(offset));
        assertThat(spans.count(offset, 104)).isEqualTo(offset < 104 ? offsets.get(offset, 104).cardinality() : 0);
      }
    }
  }

  @Test
  void forgetsTheLowestGapsFirst() {
    for (long offset = 0; offset <= 2L * OffsetRanges.MOST; offset += 2) {
      watermark.finish(offset);
    }
    assertThat(watermark.finished(0)).isFalse();
    assertThat(watermark.finished(2)).isTrue();
    assertThat(watermark.finished(2L * OffsetRanges.MOST)).isTrue();
  }
}
