package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.SubscriptionState;
import dev.tributary.Tributary;
import dev.tributary.error.NotFoundException;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What subscriptions do: where they begin, demand, and how they end. */
public abstract class SubscribeContract extends StreamTopic {
  @Test
  void earliestBeginsAtTheFirstMessage() {
    EventStream<String> stream = filled(3);
    Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
    await("three messages", () -> probe.count() == 3);
    get(stream.publish("e-3"));
    await("the fourth message", () -> probe.count() == 4);
    assertThat(values(probe.items())).isEqualTo(numbered("e", 0, 4));
  }

  @Test
  void latestBeginsWithWhatIsPublishedFromNowOn() {
    EventStream<String> stream = filled(3);
    Probe<Message<String>> probe = live(stream, SubscribeOptions.builder().start(StartAt.latest()));
    get(stream.publish("new"));
    await("the new message", () -> probe.count() == 1);
    assertThat(values(probe.items())).containsExactly("new");
  }

  @Test
  void committedBeginsAtTheEarliestIfTheGroupNeverCommitted() {
    EventStream<String> stream = filled(2);
    Probe<Message<String>> probe = Probe.of(stream.subscribe(options("never", StartAt.committed())));
    await("two messages", () -> probe.count() == 2);
    assertThat(values(probe.items())).containsExactly("e-0", "e-1");
  }

  @Test
  void anOffsetBeginsThere() {
    EventStream<String> stream = filled(5);
    Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.offset(3))));
    await("two messages", () -> probe.count() == 2);
    assertThat(values(probe.items())).containsExactly("e-3", "e-4");
  }

  @Test
  void anOffsetAheadIsWaitedFor() {
    EventStream<String> stream = filled(2);
    Probe<Message<String>> probe = live(stream, SubscribeOptions.builder().start(StartAt.offset(4)));
    get(stream.publishAll(events(numbered("e", 2, 6))));
    await("two messages", () -> probe.count() == 2);
    assertThat(values(probe.items())).containsExactly("e-4", "e-5");
  }

  @Test
  void aTimeBeginsWithWhatWasStoredThenOrLater() {
    requires(Capability.START_AT_TIME);
    EventStream<String> stream = filled(3);
    pass(Duration.ofSeconds(2));
    Instant then = backend().time().now();
    pass(Duration.ofSeconds(1));
    get(stream.publishAll(events(numbered("e", 3, 5))));
    Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.time(then))));
    await("two messages", () -> probe.count() == 2);
    assertThat(values(probe.items())).containsExactly("e-3", "e-4");
  }

  @Test
  void aSubscriberSeesEverythingInOrderWhileItIsPublished() {
    EventStream<String> stream = filled(500);
    Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
    for (int batch = 500; batch < 2000; batch += 100) {
      get(stream.publishAll(events(numbered("e", batch, batch + 100))));
    }
    await("2,000 messages", () -> probe.count() == 2000);
    assertThat(offsets(probe.items())).isEqualTo(LongStream.range(0, 2000).boxed().toList());
    assertThat(values(probe.items())).isEqualTo(numbered("e", 0, 2000));
  }

  @Test
  void nothingComesBeyondTheDemand() {
    EventStream<String> stream = filled(100);
    SubscribeOptions few = SubscribeOptions.builder().start(StartAt.earliest()).prefetch(8).build();
    Probe<Message<String>> slow = Probe.of(stream.subscribe(few), 0);
    Probe<Message<String>> fast = Probe.of(stream.subscribe(few));
    await("the fast subscriber", () -> fast.count() == 100);
    assertThat(slow.count()).isZero();
    slow.request(3);
    await("three messages", () -> slow.count() == 3);
    slow.request(1);
    await("the fourth message", () -> slow.count() == 4);
    pass(Duration.ofSeconds(1));
    assertThat(values(slow.items())).isEqualTo(numbered("e", 0, 4));
    for (int i = 4; i < 100; i++) {
      slow.request(1);
    }
    await("all messages", () -> slow.count() == 100);
    assertThat(values(slow.items())).isEqualTo(numbered("e", 0, 100));
  }

  @Test
  void subscribersAreIndependent() {
    EventStream<String> stream = filled(20);
    var publisher = stream.subscribe(SubscribeOptions.from(StartAt.earliest()));
    Probe<Message<String>> one = Probe.of(publisher);
    Probe<Message<String>> two = Probe.of(publisher, 5);
    await("everything", () -> one.count() == 20 && two.count() == 5);
    two.cancel();
    get(stream.publish("e-20"));
    await("the last message", () -> one.count() == 21);
    assertThat(values(one.items())).isEqualTo(numbered("e", 0, 21));
    assertThat(values(two.items())).isEqualTo(numbered("e", 0, 5));
  }

  @Test
  void nothingComesAfterACancel() {
    EventStream<String> stream = filled(5);
    Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
    Probe<Message<String>> other = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
    await("five messages", () -> probe.count() == 5);
    probe.cancel();
    get(stream.publishAll(events(numbered("e", 5, 10))));
    await("the other subscriber", () -> other.count() == 10);
    pass(Duration.ofSeconds(1));
    assertThat(probe.count()).isEqualTo(5);
    assertThat(probe.ends()).isZero();
  }

  @Test
  void aSubscriptionOfNoStreamEndsWithAnErrorOnce() {
    requiresThatThingsMustBeCreated();
    EventStream<byte[]> nowhere = client().stream(fresh("nowhere"));
    Probe<Message<byte[]>> probe = Probe.of(nowhere.subscribe(SubscribeOptions.from(StartAt.earliest())));
    await("the end", () -> probe.ends() == 1);
    assertThat(probe.error()).isInstanceOf(NotFoundException.class);
    pass(Duration.ofSeconds(1));
    assertThat(probe.ends()).isEqualTo(1);
  }

  @Test
  void closingTheClientEndsASubscriptionOnce() {
    EventStream<String> stream = filled(2);
    Tributary other = connect();
    List<SubscriptionState> states = new CopyOnWriteArrayList<>();
    SubscribeOptions options = SubscribeOptions.builder().start(StartAt.earliest()).onState(states::add).build();
    Probe<Message<String>> probe = Probe.of(through(other, stream).subscribe(options));
    await("two messages", () -> probe.count() == 2);
    await(other.closeAsync());
    await("the end", () -> probe.ends() == 1);
    await("the last state", () -> states.contains(SubscriptionState.CLOSED));
    assertThat(states).contains(SubscriptionState.LIVE).endsWith(SubscriptionState.CLOSED);
  }

  @Test
  void aSubscriptionNeverCommits() {
    EventStream<String> stream = filled(5);
    Probe<Message<String>> probe = Probe.of(stream.subscribe(options("g", StartAt.earliest())));
    await("five messages", () -> probe.count() == 5);
    pass(Duration.ofSeconds(6));
    assertThat(get(stream.committed("g", 0))).isEmpty();
  }

  /** A subscription that is connected, so that what is published next is new to it. */
  private Probe<Message<String>> live(EventStream<String> stream, SubscribeOptions.Builder options) {
    CompletableFuture<Void> live = new CompletableFuture<>();
    options.onState(
        state -> {
          if (state == SubscriptionState.LIVE) {
            live.complete(null);
          }
        });
    Probe<Message<String>> probe = Probe.of(stream.subscribe(options.build()));
    await(live);
    return probe;
  }

  private static List<Long> offsets(List<Message<String>> messages) {
    return messages.stream().map(Message::offset).toList();
  }
}
