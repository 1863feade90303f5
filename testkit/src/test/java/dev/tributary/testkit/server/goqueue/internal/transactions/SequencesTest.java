package dev.tributary.testkit.server.goqueue.internal.transactions;

import static dev.tributary.testkit.server.goqueue.internal.transactions.Sequences.Verdict.DUPLICATE;
import static dev.tributary.testkit.server.goqueue.internal.transactions.Sequences.Verdict.GAP;
import static dev.tributary.testkit.server.goqueue.internal.transactions.Sequences.Verdict.NEW;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequencesTest {
  private static final Sequences.Key KEY = new Sequences.Key(1, "orders", 0);

  private final Sequences sequences = new Sequences();

  @Test
  void countsFromZeroWithoutGaps() {
    assertThat(sequences.judge(KEY, 1)).isEqualTo(GAP);
    assertThat(sequences.judge(KEY, -1)).isEqualTo(GAP);
    assertThat(sequences.judge(KEY, Integer.MAX_VALUE)).isEqualTo(GAP);
    assertThat(sequences.judge(KEY, 0)).isEqualTo(NEW);
    assertThat(sequences.judge(KEY, 0)).as("it is not used yet").isEqualTo(NEW);
    sequences.use(KEY, 0);
    assertThat(sequences.judge(KEY, 0)).isEqualTo(DUPLICATE);
    assertThat(sequences.judge(KEY, 1)).isEqualTo(NEW);
    assertThat(sequences.judge(KEY, 2)).isEqualTo(GAP);
    assertThat(sequences.expected(KEY)).isEqualTo(1);
  }

  @Test
  void countsEveryPartitionByItself() {
    sequences.use(KEY, 0);
    for (Sequences.Key other :
        List.of(new Sequences.Key(2, "orders", 0), new Sequences.Key(1, "others", 0), new Sequences.Key(1, "orders", 1))) {
      assertThat(sequences.judge(other, 0)).isEqualTo(NEW);
      assertThat(sequences.expected(other)).isZero();
    }
  }

  @Test
  void startsOverAfterAnAbort() {
    abortedFromTwoToFour();
    assertThat(sequences.judge(KEY, 1)).isEqualTo(DUPLICATE);
    assertThat(sequences.judge(KEY, 2)).isEqualTo(NEW);
    assertThat(sequences.judge(KEY, 3)).isEqualTo(GAP);
    used(2, 2);
    assertThat(sequences.judge(KEY, 5)).as("it decided to start over").isEqualTo(GAP);
    assertThat(sequences.judge(KEY, 2)).isEqualTo(DUPLICATE);
    sequences.commit(KEY);
    assertThat(sequences.expected(KEY)).isEqualTo(3);
  }

  @Test
  void goesOnAfterAnAbort() {
    abortedFromTwoToFour();
    assertThat(sequences.judge(KEY, 5)).isEqualTo(NEW);
    assertThat(sequences.judge(KEY, 6)).isEqualTo(GAP);
    used(5, 5);
    assertThat(sequences.judge(KEY, 5)).isEqualTo(DUPLICATE);
    assertThat(sequences.judge(KEY, 1)).isEqualTo(DUPLICATE);
    for (int dropped : new int[] {2, 3, 4}) {
      assertThat(sequences.judge(KEY, dropped)).as("its message is not stored").isEqualTo(GAP);
    }
    assertThat(sequences.expected(KEY)).isEqualTo(6);
  }

  @Test
  void startsOverFromWhereTheLastTransactionBegan() {
    abortedFromTwoToFour();
    used(5, 6);
    sequences.abort(KEY);
    assertThat(sequences.expected(KEY)).isEqualTo(5);
    assertThat(sequences.judge(KEY, 2)).isEqualTo(GAP);
    assertThat(sequences.judge(KEY, 5)).isEqualTo(NEW);
    assertThat(sequences.judge(KEY, 7)).isEqualTo(NEW);
    sequences.abort(KEY);
    assertThat(sequences.expected(KEY)).as("nothing was used since").isEqualTo(5);
  }

  private void abortedFromTwoToFour() {
    used(0, 1);
    sequences.commit(KEY);
    used(2, 4);
    sequences.abort(KEY);
    assertThat(sequences.expected(KEY)).isEqualTo(2);
  }

  @Test
  void forgetsWhoWasQuietForLongest() {
    sequences.use(KEY, 0);
    for (int i = 0; i < Sequences.MOST - 1; i++) {
      sequences.use(new Sequences.Key(2, "orders", i), 0);
    }
    assertThat(sequences.expected(KEY)).isEqualTo(1);
    sequences.use(new Sequences.Key(3, "orders", 0), 0);
    assertThat(sequences.size()).isEqualTo(Sequences.MOST);
    assertThat(sequences.expected(KEY)).isEqualTo(1);
    assertThat(sequences.expected(new Sequences.Key(2, "orders", 0))).isZero();
  }

  private void used(int from, int to) {
    for (int i = from; i <= to; i++) {
      sequences.use(KEY, i);
    }
  }

  /**
   * A producer that repeats what it is not sure of and that starts over or counts on after an abort: what it commits is stored once, in
   * order, and what it is told is a duplicate is stored.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void losesAndDoublesNothing(long seed) {
    Random random = new Random(seed);
    List<Integer> log = new ArrayList<>();
    int value = 0;
    int number = 0;
    int everUsed = -1;
    for (int round = 0; round < 500; round++) {
      int firstValue = value;
      int firstNumber = number;
      Map<Integer, Integer> pending = new LinkedHashMap<>();
      int size = random.nextInt(6);
      for (int i = 0; i < size; i++, value++, number++) {
        int beyond = Math.max(number, everUsed + 1) + 1 + random.nextInt(3);
        assertThat(sequences.judge(KEY, beyond)).isEqualTo(GAP);
        assertThat(sequences.judge(KEY, number)).as("seed %d, round %d", seed, round).isEqualTo(NEW);
        sequences.use(KEY, number);
        everUsed = Math.max(everUsed, number);
        pending.put(number, value);
        int again = firstNumber + random.nextInt(number - firstNumber + 1);
        assertThat(sequences.judge(KEY, again)).isEqualTo(DUPLICATE);
        assertThat(pending).containsKey(again);
      }
      if (random.nextBoolean()) {
        sequences.commit(KEY);
        log.addAll(pending.values());
      } else {
        sequences.abort(KEY);
        value = firstValue;
        number = random.nextBoolean() ? firstNumber : number;
        number = pending.isEmpty() ? firstNumber : number;
      }
    }
    assertThat(log).isEqualTo(IntStream.range(0, value).boxed().toList());
  }
}
