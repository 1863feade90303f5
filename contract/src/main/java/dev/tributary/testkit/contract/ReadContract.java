package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import org.junit.jupiter.api.Test;

/** What reading a stream by offset does. */
public abstract class ReadContract extends StreamTopic {
  @Test
  void readsAtMostAsManyAsAskedForFromTheOffset() {
    EventStream<String> stream = filled(10);
    assertThat(values(get(stream.read(0, 4, 3)))).containsExactly("e-4", "e-5", "e-6");
  }

  @Test
  void readingPastTheEndGivesNothing() {
    EventStream<String> stream = filled(2);
    assertThat(get(stream.read(0, 2, 10))).isEmpty();
    assertThat(get(stream.read(0, 1000, 10))).isEmpty();
  }

  @Test
  void anEmptyStreamHasNoLatestOffset() {
    EventStream<String> stream = stream();
    assertThat(get(stream.latestOffset(0))).isEmpty();
    assertThat(get(stream.read(0, 0, 10))).isEmpty();
  }

  @Test
  void theLatestOffsetIsThatOfTheLastMessage() {
    assertThat(get(filled(3).latestOffset(0))).hasValue(2);
  }

  @Test
  void theNumberOfPartitionsIsKnown() {
    assertThat(get(stream().partitions())).isEqualTo(1);
  }
}
