package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tributary.EventStream;
import dev.tributary.codec.Codecs;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.OffsetReset;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What becomes of readers when the server comes back without its data. Needs a backend that can be replaced by an empty one. */
public abstract class DataLossContract extends StreamTopic {
  private static final int OLD = 10;

  /** How many the new server has when the readers find it: fewer than they have read. */
  private static final int THERE = 5;

  private final List<String> seen = new CopyOnWriteArrayList<>();

  private Probe<Message<String>> reading(EventStream<String> stream, OffsetReset reset) {
    SubscribeOptions options = SubscribeOptions.builder().start(StartAt.earliest()).onOffsetOutOfRange(reset).build();
    Probe<Message<String>> probe = Probe.of(stream.subscribe(options));
    await("what there was", () -> probe.count() == OLD);
    return probe;
  }

  /** The same stream in the place of this one, with other messages: through a client that knows nothing of before. */
  private EventStream<String> replaced(EventStream<String> lost) {
    String name = lost.name().name();
    List<EventStream<String>> made = new ArrayList<>();
    assumeTrue(
        backend()
            .replace(
                () -> {
                  backend().createStream(name, 1);
                  EventStream<String> stream = connect().stream(name, Codecs.text());
                  get(stream.publishAll(events(numbered("new", 0, THERE))));
                  made.add(stream);
                }),
        () -> backend().name() + " cannot lose its data");
    return made.get(0);
  }

  private static List<String> after(Probe<Message<String>> probe) {
    List<String> all = values(probe.items());
    return all.subList(OLD, all.size());
  }

  @Test
  void aSubscriptionThatIsToFailEnds() {
    EventStream<String> stream = filled(OLD);
    Probe<Message<String>> probe = reading(stream, OffsetReset.FAIL);
    replaced(stream);
    await("the end", () -> probe.ends() == 1);
    checked(OffsetOutOfRangeException.class, Objects.requireNonNull(probe.error()));
    assertThat(values(probe.items())).isEqualTo(numbered("e", 0, OLD));
  }

  @Test
  void oneThatIsToBeginAnewGetsAllThatIsNew() {
    EventStream<String> stream = filled(OLD);
    Probe<Message<String>> probe = reading(stream, OffsetReset.EARLIEST);
    EventStream<String> now = replaced(stream);
    await("what is there", () -> probe.count() == OLD + THERE);
    get(now.publishAll(events(numbered("new", THERE, 2 * THERE))));
    await("what comes", () -> probe.count() == OLD + 2 * THERE);
    assertThat(after(probe)).isEqualTo(numbered("new", 0, 2 * THERE));
    assertThat(probe.ends()).isZero();
    probe.cancel();
  }

  @Test
  void oneThatIsToGoOnAtTheEndGetsWhatIsPublishedFromThenOn() {
    EventStream<String> stream = filled(OLD);
    Probe<Message<String>> probe = reading(stream, OffsetReset.LATEST);
    EventStream<String> now = replaced(stream);
    // What is published before it knows where the end is counts as missed; never so much that the old place is there again.
    pass(Duration.ofSeconds(10));
    await("the new end", () -> has(now, probe));
    assertThat(after(probe)).isNotEmpty().allMatch(value -> value.equals("later"));
    assertThat(probe.ends()).isZero();
    probe.cancel();
  }

  private boolean has(EventStream<String> now, Probe<Message<String>> probe) {
    if (get(now.latestOffset(0)).orElseThrow() < OLD - 2) {
      get(now.publish("later"));
    }
    return probe.count() > OLD;
  }

  @Test
  void aConsumerThatIsToFailDoes() {
    EventStream<String> stream = filled(OLD);
    CompletableFuture<Void> run = consuming(stream, OffsetReset.FAIL);
    replaced(stream);
    failure(OffsetOutOfRangeException.class, run);
    assertThat(seen).isEqualTo(numbered("e", 0, OLD));
  }

  @Test
  void aConsumerThatIsToBeginAnewGetsAllThatIsNew() {
    EventStream<String> stream = filled(OLD);
    CompletableFuture<Void> run = consuming(stream, OffsetReset.EARLIEST);
    EventStream<String> now = replaced(stream);
    await("what is there", () -> seen.size() == OLD + THERE);
    get(now.publishAll(events(numbered("new", THERE, 2 * THERE))));
    await("what comes", () -> seen.size() == OLD + 2 * THERE);
    assertThat(seen.subList(OLD, seen.size())).isEqualTo(numbered("new", 0, 2 * THERE));
    assertThat(run).isNotDone();
  }

  private CompletableFuture<Void> consuming(EventStream<String> stream, OffsetReset reset) {
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().start(StartAt.earliest()).onOffsetOutOfRange(reset).build());
    CompletableFuture<Void> run =
        consumer.forEach(
            message -> {
              seen.add(message.value());
              return CompletableFuture.completedFuture(null);
            });
    await("what there was", () -> seen.size() == OLD);
    return run;
  }
}
