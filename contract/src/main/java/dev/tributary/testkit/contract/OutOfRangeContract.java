package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tributary.EventStream;
import dev.tributary.admin.Retention;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.OffsetReset;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What becomes of a reader whose place retention passes while it reads nothing. */
public abstract class OutOfRangeContract extends StreamTopic {
  /** More than waits anywhere for a reader with a prefetch of one. */
  private static final int MANY = 300;

  private static final int KEPT = 5;

  private static final int TRIES = 20;

  private EventStream<String> shortStream() {
    String name = fresh("stream");
    assumeTrue(
        backend().createStream(name, StreamConfig.retention(Retention.maxMessages(KEPT))),
        () -> backend().name() + " keeps everything, or does not say where a stream begins");
    EventStream<String> stream = client().stream(name, Codecs.text());
    get(stream.publishAll(events(numbered("e", 0, KEPT))));
    return stream;
  }

  /** A subscription that has had two messages and takes no more, until retention has passed it. */
  private Probe<Message<String>> passed(EventStream<String> stream, OffsetReset reset) {
    SubscribeOptions options = SubscribeOptions.builder().start(StartAt.earliest()).prefetch(1).onOffsetOutOfRange(reset).build();
    Probe<Message<String>> probe = Probe.of(stream.subscribe(options), 2);
    await("two messages", () -> probe.count() == 2);
    get(stream.publishAll(events(numbered("e", KEPT, MANY))));
    probe.request(Long.MAX_VALUE);
    return probe;
  }

  /** How many it had before the gap: the first ones, in order. */
  private static int before(List<Long> offsets) {
    int before = 0;
    while (before < offsets.size() && offsets.get(before) == before) {
      before++;
    }
    assertThat(before).as("of %s", offsets).isBetween(2, MANY - KEPT - 1);
    return before;
  }

  private static List<Long> offsets(Probe<Message<String>> probe) {
    return probe.items().stream().map(Message::offset).toList();
  }

  @Test
  void aSubscriptionThatIsToFailEndsAndSaysWhatIsMissing() {
    Probe<Message<String>> probe = passed(shortStream(), OffsetReset.FAIL);
    await("the end", () -> probe.ends() == 1);
    checked(OffsetOutOfRangeException.class, Objects.requireNonNull(probe.error()));
    assertThat(before(offsets(probe))).isEqualTo(probe.count());
  }

  /**
   * Where it goes on. A list that is not stored at once may be found out about in the middle, where other messages are the first and the last: then
   * the same is done once more.
   */
  private List<Long> goesOn(long from, Supplier<List<Long>> once) {
    List<Long> after = once.get();
    for (int again = 0; again < TRIES && after.get(0) < from; again++) {
      after = once.get();
    }
    return after;
  }

  @Test
  void oneThatIsToBeginAnewGoesOnAtTheFirstThatIsKept() {
    List<Long> after =
        goesOn(
            MANY - KEPT,
            () -> {
              Probe<Message<String>> probe = passed(shortStream(), OffsetReset.EARLIEST);
              await("the last message", () -> offsets(probe).contains(MANY - 1L));
              assertThat(probe.ends()).isZero();
              probe.cancel();
              List<Long> offsets = offsets(probe);
              return offsets.subList(before(offsets), offsets.size());
            });
    assertThat(after).isEqualTo(LongStream.range(MANY - KEPT, MANY).boxed().toList());
  }

  @Test
  void oneThatIsToLeaveOutWhatItMissedGoesOnAtTheEnd() {
    List<Long> later = new ArrayList<>();
    List<Long> after =
        goesOn(
            MANY,
            () -> {
              EventStream<String> stream = shortStream();
              Probe<Message<String>> probe = passed(stream, OffsetReset.LATEST);
              later.clear();
              // What is published before it knows where the end is counts as missed.
              await(
                  "what is published from then on",
                  () -> {
                    later.add(get(stream.publish("later")).offset());
                    return offsets(probe).stream().anyMatch(offset -> offset >= MANY);
                  });
              assertThat(probe.ends()).isZero();
              probe.cancel();
              List<Long> offsets = offsets(probe);
              return offsets.subList(before(offsets), offsets.size());
            });
    assertThat(after).isNotEmpty().isSubsetOf(later).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void aPausedConsumerThatIsToFailDoesWhenItGoesOn() {
    EventStream<String> stream = shortStream();
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().start(StartAt.earliest()).prefetch(1).build());
    List<Long> seen = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> run = pausedAndPassed(stream, consumer, seen);
    failure(OffsetOutOfRangeException.class, run);
    assertThat(before(seen)).isEqualTo(seen.size());
  }

  @Test
  void aPausedConsumerThatIsToBeginAnewGoesOnAtTheFirstThatIsKept() {
    EventStream<String> stream = shortStream();
    EventConsumer<String> consumer =
        stream.consumer(
            ConsumerOptions.builder().start(StartAt.earliest()).prefetch(1).onOffsetOutOfRange(OffsetReset.EARLIEST).build());
    List<Long> seen = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> run = pausedAndPassed(stream, consumer, seen);
    await("the last message", () -> seen.contains(MANY - 1L));
    assertThat(seen.subList(before(seen), seen.size())).isEqualTo(LongStream.range(MANY - KEPT, MANY).boxed().toList());
    assertThat(run).isNotDone();
  }

  private CompletableFuture<Void> pausedAndPassed(EventStream<String> stream, EventConsumer<String> consumer, List<Long> seen) {
    CompletableFuture<Void> run =
        consumer.forEach(
            message -> {
              seen.add(message.offset());
              if (message.offset() == 1) {
                consumer.pause(Set.of(0));
              }
              return CompletableFuture.completedFuture(null);
            });
    await("two messages", () -> seen.size() == 2);
    get(stream.publishAll(events(numbered("e", KEPT, MANY))));
    consumer.resume(Set.of(0));
    return run;
  }
}
