package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.error.UndecodableException;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.OnUndecodable;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What becomes of a message that the codec cannot decode: it is its own error, and the others are not its victims. */
public abstract class UndecodableContract extends StreamTopic {
  private static final Codec<String> PICKY =
      Codecs.of(
          value -> value.getBytes(StandardCharsets.UTF_8),
          bytes -> {
            String text = new String(bytes, StandardCharsets.UTF_8);
            if (text.startsWith("bad")) {
              throw new IllegalArgumentException("cannot read " + text);
            }
            return text;
          });

  private final List<String> seen = new CopyOnWriteArrayList<>();

  /** Of six messages the third cannot be decoded. */
  private EventStream<String> poisoned() {
    String name = stream().name().toString();
    EventStream<String> stream = client().stream(name, PICKY);
    get(stream.publishAll(events(List.of("a", "b", "bad", "c", "d", "e"))));
    return stream;
  }

  private static ConsumerOptions.Builder group() {
    return ConsumerOptions.builder().group("g").autoCommit(Duration.ofMillis(200));
  }

  private CompletableFuture<Void> note(Message<String> message) {
    seen.add(message.value());
    return CompletableFuture.completedFuture(null);
  }

  private static Position positionOf(Throwable error) {
    UndecodableException why = checked(UndecodableException.class, error);
    return new Position(why.partition().orElseThrow(), why.offset().orElseThrow());
  }

  @Test
  void readingShowsItWithoutAValue() {
    EventStream<String> stream = poisoned();
    List<Message<String>> read = new ArrayList<>();
    while (read.size() < 6) {
      read.addAll(get(stream.read(0, read.size(), 6 - read.size())));
    }
    assertThat(read.get(1).value()).isEqualTo("b");
    UndecodableException why = read.get(2).undecodable();
    assertThat(why).isNotNull();
    assertThat(why.bytes()).isEqualTo("bad".getBytes(StandardCharsets.UTF_8));
    assertThat(why.partition()).hasValue(0);
    assertThat(why.offset()).hasValue(2);
    assertThat(read.get(5).value()).isEqualTo("e");
  }

  @Test
  void aSubscriptionEndsAtItAndSaysWhere() {
    EventStream<String> stream = poisoned();
    Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
    await("the end", () -> probe.ends() == 1);
    assertThat(values(probe.items())).containsExactly("a", "b");
    Position where = positionOf(java.util.Objects.requireNonNull(probe.error()));
    Probe<Message<String>> behind = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.offset(where.offset() + 1))));
    await("the rest", () -> behind.count() == 3);
    assertThat(values(behind.items())).containsExactly("c", "d", "e");
    behind.cancel();
  }

  @Test
  void aSubscriptionThatSkipsGoesOn() {
    List<Position> skipped = new CopyOnWriteArrayList<>();
    Probe<Message<String>> probe =
        Probe.of(
            poisoned()
                .subscribe(
                    SubscribeOptions.builder()
                        .start(StartAt.earliest())
                        .onUndecodable(OnUndecodable.skip(why -> skipped.add(positionOf(why))))
                        .build()),
            5);
    await("the others", () -> probe.count() == 5);
    assertThat(values(probe.items())).containsExactly("a", "b", "c", "d", "e");
    assertThat(skipped).containsExactly(new Position(0, 2));
    probe.cancel();
  }

  @Test
  void aPollHandsOutWhatComesBeforeItThenFailsAndASeekGoesOnBehindIt() {
    EventConsumer<String> consumer = poisoned().consumer(ConsumerOptions.builder().start(StartAt.earliest()).build());
    List<String> before = new ArrayList<>();
    while (before.size() < 2) {
      before.addAll(values(await(consumer.poll(10, Duration.ofMinutes(5)))));
    }
    assertThat(before).containsExactly("a", "b");
    UndecodableException why = failure(UndecodableException.class, consumer.poll(10, Duration.ofMinutes(5)));
    Position where = positionOf(why);
    await(consumer.seek(new Position(where.partition(), where.offset() + 1)));
    List<String> after = new ArrayList<>();
    while (after.size() < 3) {
      after.addAll(values(await(consumer.poll(10, Duration.ofMinutes(5)))));
    }
    assertThat(after).containsExactly("c", "d", "e");
  }

  @Test
  void aPollThatSkipsGoesOnAndCountsIt() {
    EventStream<String> stream = poisoned();
    EventConsumer<String> consumer = stream.consumer(group().onUndecodable(OnUndecodable.skip(why -> seen.add("skipped"))).build());
    List<String> all = new ArrayList<>();
    while (all.size() < 5) {
      all.addAll(values(await(consumer.poll(10, Duration.ofMinutes(5)))));
    }
    assertThat(all).containsExactly("a", "b", "c", "d", "e");
    assertThat(seen).containsExactly("skipped");
    await(consumer.commit());
    assertThat(get(stream.committed("g", 0))).hasValue(6);
  }

  @Test
  void forEachEndsAtItAndANewOneGoesOnBehindIt() {
    EventStream<String> stream = poisoned();
    EventConsumer<String> consumer = stream.consumer(group().build());
    Position where = positionOf(failure(UndecodableException.class, consumer.forEach(this::note)));
    assertThat(seen).containsExactly("a", "b");
    await(consumer.seek(new Position(where.partition(), where.offset() + 1)));
    consumer.forEach(this::note);
    await("the rest", () -> seen.size() == 5);
    await("the commit", () -> get(stream.committed("g", 0)).equals(OptionalLong.of(6)));
  }

  @Test
  void forEachThatSkipsGoesOnAndCountsIt() {
    EventStream<String> stream = poisoned();
    EventConsumer<String> consumer = stream.consumer(group().onUndecodable(OnUndecodable.skip(why -> seen.add("skipped"))).build());
    consumer.forEach(this::note);
    await("all", () -> get(stream.committed("g", 0)).equals(OptionalLong.of(6)));
    assertThat(seen).containsExactly("a", "b", "skipped", "c", "d", "e");
  }

  @Test
  void forEachThatMakesDeadLettersGoesOnWhenTheyAreStored() {
    EventStream<String> stream = poisoned();
    EventStream<String> letters = stream();
    EventConsumer<String> consumer =
        stream.consumer(group().onUndecodable(OnUndecodable.deadLetter(letters.name().toString())).build());
    consumer.forEach(this::note);
    await("all", () -> get(stream.committed("g", 0)).equals(OptionalLong.of(6)));
    assertThat(seen).containsExactly("a", "b", "c", "d", "e");
    assertThat(readAll(letters, 1)).containsExactly("bad");
  }
}
