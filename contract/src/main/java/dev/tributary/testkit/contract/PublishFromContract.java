package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import java.util.List;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/** What publishing from a source of events does: order, what the source is asked for, and how it ends. */
public abstract class PublishFromContract extends StreamTopic {
  @Test
  void eachEventOfASourceHasItsPlaceInTheOrderOfTheSource() {
    EventStream<String> stream = stream();
    List<String> values = numbered("e", 0, 500);
    Probe<Position> places =
        Probe.of(stream.publishFrom(Listed.of(events(values)), PublisherOptions.builder().maxBatchEvents(7).maxInFlightEvents(20).build()));
    await("the end", () -> places.ends() == 1);
    assertThat(places.error()).isNull();
    assertThat(places.items()).hasSize(500).isSortedAccordingTo(StreamTopic::byOffset).doesNotHaveDuplicates();
    assertThat(readAll(stream, 500)).isEqualTo(values);
  }

  @Test
  void aSourceIsAskedForWhatIsWantedOfItAndNoMore() {
    EventStream<String> stream = stream();
    Listed<Event<String>> source = Listed.of(events(numbered("e", 0, 100)));
    Probe<Position> places = Probe.of(stream.publishFrom(source), 3);
    await("what was wanted", () -> places.count() == 3);
    assertThat(source.requested()).isEqualTo(3);
    places.request(2);
    await("what was wanted then", () -> places.count() == 5);
    assertThat(source.requested()).isEqualTo(5);
    assertThat(values(get(stream.read(0, 0, 10)))).isEqualTo(numbered("e", 0, 5));
    places.cancel();
    await("the cancellation", source::cancelled);
    assertThat(places.ends()).isZero();
  }

  @Test
  void theErrorOfASourceComesBehindThePlacesOfItsEvents() {
    EventStream<String> stream = stream();
    IllegalStateException fault = new IllegalStateException("the source broke");
    Probe<Position> places = Probe.of(stream.publishFrom(Listed.failing(events(numbered("e", 0, 5)), fault)));
    await("the end", () -> places.ends() == 1);
    assertThat(places.error()).isSameAs(fault);
    assertThat(places.items()).hasSize(5);
    assertThat(values(get(stream.read(0, 0, 10)))).isEqualTo(numbered("e", 0, 5));
  }

  @Test
  void anEventThatCannotBeEncodedEndsItAndNothingBehindItIsStored() {
    EventStream<String> stream = stream();
    EventStream<String> picky =
        client()
            .stream(
                stream.name().toString(),
                Codecs.<String>of(
                    value -> {
                      if (value.equals("e-3")) {
                        throw new IllegalArgumentException("no such value");
                      }
                      return Codecs.text().encode(value);
                    },
                    Codecs.text()::decode));
    Listed<Event<String>> source = Listed.of(events(numbered("e", 0, 100)));
    // With one in flight it is known what is stored.
    Probe<Position> places = Probe.of(picky.publishFrom(source, PublisherOptions.builder().maxInFlightEvents(1).build()));
    await("the end", () -> places.ends() == 1);
    checked(InvalidRequestException.class, places.error());
    assertThat(places.items()).hasSize(3);
    assertThat(source.cancelled()).isTrue();
    assertThat(values(get(stream.read(0, 0, 10)))).isEqualTo(numbered("e", 0, 3));
  }

  @Test
  void eachSubscriberSubscribesToTheSource() {
    EventStream<String> stream = stream();
    Flow.Publisher<Position> publishing = stream.publishFrom(subscriber -> Listed.of(events(List.of("e"))).subscribe(subscriber));
    for (int i = 1; i <= 2; i++) {
      Probe<Position> places = Probe.of(publishing);
      await("the end", () -> places.ends() == 1);
      assertThat(places.items()).hasSize(1);
    }
    assertThat(values(get(stream.read(0, 0, 10)))).containsExactly("e", "e");
  }

  @Test
  void publishingFromASourceEndsWithItsClient() {
    EventStream<String> stream = stream();
    Tributary other = connect();
    Listed<Event<String>> source = Listed.of(events(numbered("e", 0, 100)));
    Probe<Position> places = Probe.of(through(other, stream).publishFrom(source), 1);
    await("the first", () -> places.count() == 1);
    await(other.closeAsync());
    await("the end", () -> places.ends() == 1);
    checked(ClientClosedException.class, places.error());
    await("the cancellation", source::cancelled);
  }

  @Test
  void publishingFromASourceToAStreamThatIsNotThereFails() {
    requiresThatThingsMustBeCreated();
    Listed<Event<String>> source = Listed.of(events(numbered("e", 0, 100)));
    Probe<Position> places = Probe.of(client().stream(fresh("missing"), Codecs.text()).publishFrom(source));
    await("the end", () -> places.ends() == 1);
    checked(NotFoundException.class, places.error());
    assertThat(places.items()).isEmpty();
  }
}
