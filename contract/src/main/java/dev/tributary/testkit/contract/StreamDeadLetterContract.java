package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.UndecodableException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.stream.Message;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What can be done with the dead letters of a stream, however they came to be. */
public abstract class StreamDeadLetterContract extends StreamTopic {
  private static final Map<String, String> HEADERS = Map.of("type", "order", "who", "größer");

  @BeforeEach
  final void requireDeadLetters() {
    requires(Capability.STREAM_DEAD_LETTERS);
  }

  final void bury(EventStream<String> stream, String value) {
    Map<String, String> headers = has(Capability.EVENT_HEADERS) ? HEADERS : Map.of();
    if (!backend().bury(stream.name().name(), value, headers, "boom " + value)) {
      assumeTrue(has(Capability.DEAD_LETTER_ADD), () -> backend().name() + " makes no dead letters of events");
      get(stream.deadLetters().add(DeadLetter.builder(value).headers(headers).reason("boom " + value).build()));
    }
  }

  static List<DeadLetter<String>> letters(EventStream<String> stream) {
    return get(stream.deadLetters().list(10));
  }

  @Test
  void theySayWhatFailedAndWhy() {
    EventStream<String> stream = stream();
    bury(stream, "one");
    DeadLetter<String> letter = letters(stream).get(0);
    assertThat(letter.value()).isEqualTo("one");
    assertThat(letter.reason()).contains("boom one");
    assertThat(letter.headers()).isEqualTo(has(Capability.EVENT_HEADERS) ? HEADERS : Map.of());
    assertThat(letter.attempts().orElse(1)).isPositive();
  }

  @Test
  void theyAreListedOldestFirstAndNotRemoved() {
    EventStream<String> stream = stream();
    for (String value : numbered("e", 0, 3)) {
      bury(stream, value);
    }
    assertThat(get(stream.deadLetters().list(2))).extracting(DeadLetter::value).containsExactly("e-0", "e-1");
    assertThat(letters(stream)).extracting(DeadLetter::value).containsExactly("e-0", "e-1", "e-2");
    assertThat(letters(stream)).extracting(DeadLetter::id).doesNotHaveDuplicates();
  }

  @Test
  void eachStreamHasItsOwn() {
    EventStream<String> stream = stream();
    EventStream<String> other = stream();
    bury(other, "other's");
    assertThat(letters(stream)).isEmpty();
    assertThat(letters(other)).hasSize(1);
  }

  @Test
  void aReplayedOneIsAnEventAgainWithItsHeaders() {
    requires(Capability.DEAD_LETTER_REPLAY);
    EventStream<String> stream = stream();
    bury(stream, "one");
    bury(stream, "two");
    List<DeadLetter<String>> letters = letters(stream);
    long before = get(stream.latestOffset(0)).orElse(-1);
    get(stream.deadLetters().replay(letters.get(1).id()));
    List<Message<String>> replayed = get(stream.read(0, before + 1, 10));
    assertThat(values(replayed)).containsExactly("two");
    assertThat(replayed.get(0).headers()).isEqualTo(letters.get(1).headers());
    if (backend().keepsReplayed()) {
      assertThat(letters(stream)).isEqualTo(letters);
    } else {
      assertThat(letters(stream)).containsExactly(letters.get(0));
      failure(NotFoundException.class, stream.deadLetters().replay(letters.get(1).id()));
    }
  }

  @Test
  void oneThatIsNotThereIsNotFound() {
    requires(Capability.DEAD_LETTER_REPLAY);
    EventStream<String> stream = stream();
    failure(NotFoundException.class, stream.deadLetters().replay("nobody"));
    bury(stream, "one");
    failure(NotFoundException.class, stream.deadLetters().replay("nobody"));
  }

  @Test
  void aStreamThatIsNotThereHasNone() {
    requiresThatThingsMustBeCreated();
    failure(NotFoundException.class, client().stream(fresh("nowhere"), Codecs.text()).deadLetters().list(1));
  }

  @Test
  void oneThatCannotBeDecodedHidesNoOther() {
    EventStream<String> stream = stream();
    bury(stream, "one");
    bury(stream, "2");
    Codec<Integer> digits = Codecs.of(number -> new byte[] {number.byteValue()}, bytes -> Integer.valueOf(new String(bytes, StandardCharsets.UTF_8)));
    List<DeadLetter<Integer>> letters = get(client().stream(stream.name().toString(), digits).deadLetters().list(10));
    assertThat(letters).hasSize(2);
    checked(UndecodableException.class, letters.get(0).undecodable());
    assertThat(letters.get(1).value()).isEqualTo(2);
  }

  @Test
  void purgingDropsThemAndNothingElse() {
    requires(Capability.DEAD_LETTER_PURGE);
    EventStream<String> stream = filled(2);
    bury(stream, "one");
    get(stream.deadLetters().purge());
    assertThat(letters(stream)).isEmpty();
    assertThat(values(get(stream.read(0, 0, 2)))).containsExactly("e-0", "e-1");
    get(stream.deadLetters().purge());
    bury(stream, "later");
    assertThat(letters(stream)).extracting(DeadLetter::value).containsExactly("later");
  }
}
