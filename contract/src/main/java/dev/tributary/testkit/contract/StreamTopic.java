package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;

/** What the suites about streams share. */
abstract class StreamTopic extends Contract {
  @BeforeEach
  final void requireStreams() {
    requires(Capability.STREAMS);
  }

  final EventStream<String> filled(int events) {
    EventStream<String> stream = stream();
    get(stream.publishAll(events(numbered("e", 0, events))));
    return stream;
  }

  static List<String> readAll(EventStream<String> stream, int count) {
    List<String> all = new ArrayList<>();
    while (all.size() < count) {
      List<Message<String>> page = get(stream.read(0, all.size(), count - all.size()));
      assertThat(page).as("after %d of %d", all.size(), count).isNotEmpty();
      all.addAll(values(page));
    }
    return all;
  }

  /** So many messages, however many polls that takes. */
  final List<Message<String>> poll(EventConsumer<String> consumer, int count) {
    List<Message<String>> all = new ArrayList<>();
    while (all.size() < count) {
      List<Message<String>> some = await(consumer.poll(count - all.size(), Duration.ofMinutes(10)));
      assertThat(some).isNotEmpty();
      all.addAll(some);
    }
    return Collections.unmodifiableList(all);
  }

  static SubscribeOptions options(String group, StartAt start) {
    return SubscribeOptions.builder().group(group).start(start).build();
  }

  static List<String> values(List<Message<String>> messages) {
    return messages.stream().map(Message::value).collect(Collectors.toList());
  }

  static int byOffset(Position one, Position two) {
    return Long.compare(one.offset(), two.offset());
  }
}
