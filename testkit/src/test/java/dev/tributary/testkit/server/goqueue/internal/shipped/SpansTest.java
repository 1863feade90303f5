package dev.tributary.testkit.server.goqueue.internal.shipped;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpansTest {
  private static final int RANGE = 40;

  /** Whatever is added and dropped, it holds what a plain set would, in as few spans as there can be. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void isASetOfOffsets(long seed) {
    Random random = new Random(seed);
    Spans spans = new Spans();
    TreeSet<Long> model = new TreeSet<>();
    for (int step = 0; step < 500; step++) {
      long from = random.nextInt(RANGE);
      if (random.nextInt(10) == 0) {
        spans.dropBefore(from);
        model.headSet(from).clear();
      } else {
        long to = from + random.nextInt(4);
        spans.add(from, to);
        for (long offset = from; offset < to; offset++) {
          model.add(offset);
        }
      }
      check(spans, model);
    }
  }

  private static void check(Spans spans, TreeSet<Long> model) {
    int count = 0;
    for (long offset = 0; offset < RANGE + 4; offset++) {
      assertThat(spans.after(offset) > offset).as("offset %d of %s", offset, model).isEqualTo(model.contains(offset));
      long after = offset;
      while (model.contains(after)) {
        after++;
      }
      assertThat(spans.after(offset)).isEqualTo(after);
      count += model.contains(offset) && !model.contains(offset - 1) ? 1 : 0;
    }
    assertThat(spans.size()).isEqualTo(count);
    if (count > 0) {
      assertThat(spans.first()).isEqualTo(model.first());
    }
  }
}
