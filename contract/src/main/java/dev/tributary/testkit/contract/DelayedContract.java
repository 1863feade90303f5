package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.error.NotFoundException;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of events that wait for their time: they are seen waiting, may be cancelled, and reach every reader when they are due. */
public abstract class DelayedContract extends StreamTopic {
  /** What clocks, whole seconds on the wire and ticks of a backend may make of a time. */
  private static final Duration TOLERANCE = Duration.ofSeconds(2);

  @BeforeEach
  final void requireDelays() {
    requires(Capability.EVENT_DELAY);
  }

  @Test
  void aReaderThatIsPastItGetsItWhenItIsDue() {
    EventStream<String> stream = stream();
    Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
    publish(stream, "late", 3);
    get(stream.publish("now"));
    await("what is not delayed", () -> probe.count() == 1);
    pass(Duration.ofSeconds(5));
    await("what was delayed", () -> probe.count() == 2);
    assertThat(values(probe.items())).containsExactly("now", "late");
  }

  @Test
  void aGroupThatCommittedPastItGetsItWhenItIsDue() {
    EventStream<String> stream = stream();
    publish(stream, "late", 3);
    Position now = get(stream.publish("now"));
    get(stream.commit("g", new Position(0, now.offset() + 1)));
    pass(Duration.ofSeconds(5));
    Probe<Message<String>> probe = Probe.of(stream.subscribe(options("g", StartAt.committed())));
    await("what was delayed", () -> probe.count() == 1);
    assertThat(values(probe.items())).containsExactly("late");
  }

  @Test
  void eventsOfSeveralDelaysComeInTheirOrder() {
    EventStream<String> stream = stream();
    Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
    publish(stream, "c", 6);
    publish(stream, "a", 2);
    publish(stream, "b", 4);
    pass(Duration.ofSeconds(8));
    await("all of them", () -> probe.count() == 3);
    assertThat(values(probe.items())).containsExactly("a", "b", "c");
  }

  @Test
  void whatWaitsIsListedByItsTime() {
    requires(Capability.DELAYED_EVENTS);
    EventStream<String> stream = stream();
    Instant before = backend().time().now();
    Position late = publish(stream, "late", 600);
    Position soon = publish(stream, "soon", 300);
    get(stream.publish("now"));
    List<DelayedEvent> waiting = get(stream.delayed().list(10));
    assertThat(waiting).extracting(DelayedEvent::position).containsExactly(soon, late);
    assertThat(waiting.get(0).dueAt()).isBetween(before.plusSeconds(300).minus(TOLERANCE), before.plusSeconds(300).plus(TOLERANCE));
    assertThat(get(stream.delayed().list(1))).extracting(DelayedEvent::position).containsExactly(soon);
    assertThat(get(stream.delayed().find(late)).map(DelayedEvent::position)).contains(late);
    assertThat(get(stream().delayed().list(10))).isEmpty();
  }

  @Test
  void whatCameWaitsNoMore() {
    requires(Capability.DELAYED_EVENTS);
    EventStream<String> stream = stream();
    Position soon = publish(stream, "soon", 2);
    pass(Duration.ofSeconds(4));
    assertThat(get(stream.delayed().list(10))).isEmpty();
    assertThat(get(stream.delayed().find(soon))).isEmpty();
    failure(NotFoundException.class, stream.delayed().cancel(soon));
  }

  @Test
  void aCancelledEventNeverComes() {
    requires(Capability.DELAYED_EVENTS);
    EventStream<String> stream = stream();
    Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
    Position cancelled = publish(stream, "cancelled", 3);
    publish(stream, "kept", 3);
    get(stream.delayed().cancel(cancelled));
    assertThat(get(stream.delayed().list(10))).hasSize(1);
    failure(NotFoundException.class, stream.delayed().cancel(cancelled));
    pass(Duration.ofSeconds(5));
    await("the other one", () -> probe.count() == 1);
    assertThat(values(probe.items())).containsExactly("kept");
  }

  @Test
  void delaysSurviveARestart() {
    EventStream<String> stream = stream();
    publish(stream, "late", 3);
    if (backend().restart()) {
      assertThat(await(stream.read(0, 0, 10))).isEmpty();
      pass(Duration.ofSeconds(5));
      Probe<Message<String>> probe = Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
      await("what was delayed", () -> probe.count() == 1);
    }
  }

  private static Position publish(EventStream<String> stream, String value, int seconds) {
    return get(stream.publish(Event.builder(value).delay(Duration.ofSeconds(seconds)).build()));
  }
}
