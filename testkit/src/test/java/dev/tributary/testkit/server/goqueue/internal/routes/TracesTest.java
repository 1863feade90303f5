package dev.tributary.testkit.server.goqueue.internal.routes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.goqueue.internal.routes.Traces.Place;
import dev.tributary.testkit.server.goqueue.internal.routes.Traces.Reader;
import dev.tributary.testkit.server.goqueue.internal.routes.Traces.Span;
import dev.tributary.testkit.server.goqueue.internal.routes.Traces.Step;
import dev.tributary.testkit.server.goqueue.internal.routes.Traces.Trace;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TracesTest {
  private static final Place PLACE = new Place("orders", 1, 7);
  private static final Reader READER = new Reader("workers", "w-1");

  private final VirtualTime time = new VirtualTime();
  private final Traces traces = new Traces(time, true);

  @Test
  void linksTheStepsOfOneMessage() {
    Instant received = time.now();
    time.advance(Duration.ofMillis(3));
    traces.published(PLACE, received);
    traces.published(new Place("orders", 1, 8), time.now());
    time.advance(Duration.ofSeconds(1));
    traces.record(Step.FETCHED, PLACE, READER);
    traces.record(Step.ACKED, PLACE, READER);
    assertThat(traces.all()).extracting(trace -> trace.place().offset()).containsExactly(8L, 7L);
    Trace trace = traces.all().get(1);
    assertThat(trace.spans()).extracting(Span::step).containsExactly(Step.RECEIVED, Step.PERSISTED, Step.FETCHED, Step.ACKED);
    assertThat(trace.spans()).extracting(Span::parent).containsOnly(null, trace.spans().get(0).id());
    assertThat(trace.spans()).extracting(Span::trace).containsOnly(trace.id());
    assertThat(trace.spans().get(1).took()).isEqualTo(Duration.ofMillis(3));
    assertThat(trace.spans().get(2).reader()).isEqualTo(READER);
    assertThat(trace.start()).isEqualTo(received);
    assertThat(trace.end()).isEqualTo(time.now());
    assertThat(traces.find(trace.id())).contains(trace);
    assertThat(traces.size()).isEqualTo(6);
    assertThat(traces.count()).isEqualTo(2);
  }

  @Test
  void saysHowAMessageStands() {
    assertThat(statusAfter(Step.FETCHED)).isEqualTo("in_progress");
    assertThat(statusAfter(Step.NACKED)).isEqualTo("retrying");
    assertThat(statusAfter(Step.FETCHED)).isEqualTo("retrying");
    assertThat(statusAfter(Step.REJECTED)).isEqualTo("failed");
    assertThat(statusAfter(Step.ACKED)).isEqualTo("completed");
    assertThat(statusAfter(Step.NACKED)).isEqualTo("completed");
  }

  private String statusAfter(Step step) {
    traces.record(step, PLACE, READER, "because");
    return traces.all().get(0).status();
  }

  @Test
  void keepsARefusalByItself() {
    traces.refused("orders", "too large");
    traces.refused("orders", "too late");
    assertThat(traces.all()).extracting(Trace::status).containsExactly("failed", "failed");
    assertThat(traces.all().get(1).spans().get(0).error()).isEqualTo("too large");
  }

  @Test
  void forgetsAfterAnHour() {
    traces.published(PLACE, time.now());
    time.advance(Duration.ofMinutes(30));
    traces.record(Step.FETCHED, PLACE, READER);
    time.advance(Duration.ofMinutes(30));
    assertThat(traces.size()).isEqualTo(3);
    time.advance(Duration.ofNanos(1));
    assertThat(traces.size()).isEqualTo(1);
    assertThat(traces.all().get(0).spans()).extracting(Span::step).containsExactly(Step.FETCHED);
    traces.record(Step.ACKED, PLACE, READER);
    assertThat(traces.count()).as("it is still the same trace").isEqualTo(1);
    time.advance(Duration.ofMinutes(31));
    assertThat(traces.all()).extracting(trace -> trace.spans().size()).containsExactly(1);
    time.advance(Duration.ofHours(1));
    assertThat(traces.count()).isZero();
    traces.record(Step.FETCHED, PLACE, READER);
    assertThat(traces.all().get(0).spans().get(0).parent()).as("nothing leads to it any more").isNull();
  }

  @Test
  void forgetsTheOldestOfTooMany() {
    for (int i = 0; i < Traces.CAPACITY; i++) {
      traces.record(Step.FETCHED, new Place("orders", 0, i), READER);
    }
    Trace oldest = traces.all().get(Traces.CAPACITY - 1);
    assertThat(oldest.place().offset()).isZero();
    traces.record(Step.FETCHED, PLACE, READER);
    assertThat(traces.size()).isEqualTo(Traces.CAPACITY);
    assertThat(traces.find(oldest.id())).isEmpty();
  }

  @Test
  void boundsTheTraceOfOneMessageToo() {
    for (int i = 0; i < Traces.CAPACITY + 10; i++) {
      traces.record(Step.FETCHED, PLACE, READER);
    }
    assertThat(traces.all()).singleElement().satisfies(trace -> assertThat(trace.spans()).hasSize(Traces.CAPACITY));
  }

  @Test
  void mistakesNoMessageForOneOfADeletedTopic() {
    traces.published(PLACE, time.now());
    traces.published(new Place("others", 1, 7), time.now());
    traces.forget("orders");
    traces.published(PLACE, time.now());
    traces.record(Step.FETCHED, PLACE, READER);
    assertThat(traces.all()).extracting(trace -> trace.spans().size()).containsExactly(3, 2, 2);
  }

  @Test
  void linksNothingAsPublicServersDo() {
    Traces shipped = new Traces(time, false);
    shipped.published(PLACE, time.now());
    shipped.refused("orders", "too large");
    assertThat(shipped.count()).isZero();
    shipped.record(Step.FETCHED, PLACE, READER);
    shipped.record(Step.ACKED, PLACE, READER);
    assertThat(shipped.all()).extracting(Trace::status).containsExactly("completed", "in_progress");
    assertThat(shipped.all().get(0).spans().get(0).reader()).isEqualTo(new Reader("", "w-1"));
    shipped.stored(new Place("orders.dlq", 1, 0), time.now());
    assertThat(shipped.all().get(0).spans()).hasSize(2);
  }
}
