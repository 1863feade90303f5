package dev.tributary.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.UndecodableException;
import dev.tributary.internal.Client;
import dev.tributary.internal.ManualTime;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.internal.ScriptedTransport.Call;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.Steps;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.stream.OnUndecodable;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/** What is done with a message that cannot be decoded, step by step: in partition 0, the one at offset 1. */
class UndecodableMessagesTest {
  private static final OnUndecodable LETTERS = OnUndecodable.deadLetter("letters");

  private final ScriptedTransport transport = new ScriptedTransport();
  private final ManualTime time = new ManualTime();
  private final Client client =
      new Client(
          transport,
          ClientConfig.builder("scripted").time(time).callbackExecutor(ClientConfig.INLINE).timeout(Duration.ofSeconds(1)).build());
  private final List<String> seen = new ArrayList<>();
  private String fault = "not this one";

  private final Codec<String> picky =
      Codecs.of(
          value -> value.getBytes(StandardCharsets.UTF_8),
          bytes -> {
            String text = new String(bytes, StandardCharsets.UTF_8);
            if (text.equals("0:1")) {
              throw new IllegalStateException(fault);
            }
            return text;
          });
  private final EventStream<String> stream = client.stream("s", picky);

  private EventConsumer<String> consumer(OnUndecodable policy) {
    EventConsumer<String> consumer = stream.consumer(ConsumerOptions.builder().group("g").onUndecodable(policy).build());
    transport.source().assign(0);
    return consumer;
  }

  private CompletableFuture<Void> note(Message<String> message) {
    seen.add(message.value());
    return CompletableFuture.completedFuture(null);
  }

  private CompletableFuture<Void> subscribe(OnUndecodable policy) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    stream
        .subscribe(SubscribeOptions.builder().start(StartAt.earliest()).onUndecodable(policy).build())
        .subscribe(
            new Flow.Subscriber<>() {
              @Override
              public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
              }

              @Override
              public void onNext(Message<String> message) {
                seen.add(message.value());
              }

              @Override
              public void onError(Throwable error) {
                over.completeExceptionally(error);
              }

              @Override
              public void onComplete() {
                over.complete(null);
              }
            });
    return over;
  }

  private void deliver() {
    transport.source().deliverUpTo(0, 0, 3);
  }

  private List<Call<?>> calls(String operation) {
    return transport.calls.stream().filter(call -> call.operation().equals(operation)).toList();
  }

  private Call<?> letter() {
    List<Call<?>> letters = calls("publish");
    return letters.get(letters.size() - 1);
  }

  private Event<byte[]> sent() {
    List<Event<byte[]>> events = letter().aboutAs();
    return events.get(0);
  }

  private static Throwable failureOf(CompletableFuture<?> call) {
    assertThat(call).isCompletedExceptionally();
    return Steps.unwrap(catchThrowable(call::join));
  }

  private static SchemaRejectedException rejected() {
    return new SchemaRejectedException(ErrorInfo.of("no", "Change it"));
  }

  private static void isTheFailureOfTheLetter(Throwable error) {
    assertThat(error).isInstanceOf(SchemaRejectedException.class);
    assertThat(error.getSuppressed()).singleElement().isInstanceOf(UndecodableException.class);
    assertThat(((SchemaRejectedException) error).operation()).isNotBlank();
  }

  private Map<Integer, Long> lastCommit() {
    List<Call<?>> commits = calls("source commit");
    return commits.get(commits.size() - 1).aboutAs();
  }

  // What a dead letter is.

  @Test
  void aDeadLetterIsTheMessageAndSaysWhereItWasAndWhy() {
    fault = "broken:\r\n\u0000 caf\u00e9 \ud83d\ude00 " + "x".repeat(1000);
    consumer(LETTERS).forEach(this::note);
    byte[] value = "0:1".getBytes(StandardCharsets.UTF_8);
    transport.source().observer.onItem(new Message<>(value, EventKey.of("k"), Map.of("h", "v"), 0, 1, Instant.EPOCH, 0));
    Event<byte[]> letter = sent();
    assertThat(letter.value()).isEqualTo(value);
    assertThat(letter.key()).isEqualTo(EventKey.of("k"));
    assertThat(letter.headers())
        .containsOnlyKeys(
            "h", DeadLetterHeaders.STREAM, DeadLetterHeaders.POSITION, DeadLetterHeaders.FAILED_AT, DeadLetterHeaders.REASON)
        .containsEntry("h", "v")
        .containsEntry(DeadLetterHeaders.STREAM, "default/default/s")
        .containsEntry(DeadLetterHeaders.POSITION, "0/1")
        .containsEntry(DeadLetterHeaders.FAILED_AT, time.now().toString());
    assertThat(letter.headers().get(DeadLetterHeaders.REASON)).matches("[ -~]{1,500}").contains("broken:", "caf");
  }

  @Test
  void aDeadLetterHasWhatTheBackendKeeps() {
    transport.capabilities.remove(Capability.EVENT_KEYS);
    transport.capabilities.remove(Capability.EVENT_HEADERS);
    consumer(LETTERS).forEach(this::note);
    deliver();
    assertThat(sent().key()).isNull();
    assertThat(sent().headers()).isEmpty();
  }

  // When it is stored.

  @Test
  void forEachGoesOnAndCountsItWhenTheLetterIsStored() {
    consumer(LETTERS).forEach(this::note);
    deliver();
    time.advance(Duration.ofSeconds(5));
    assertThat(seen).as("the others of the partition wait for it").containsExactly("0:0");
    assertThat(lastCommit()).isEqualTo(Map.of(0, 1L));
  }

  @Test
  void whatFollowsIsHandledAndCommittedBehindIt() {
    consumer(LETTERS).forEach(this::note);
    deliver();
    letter().succeed(ScriptedTransport.stored(0, 1));
    assertThat(seen).containsExactly("0:0", "0:2");
    time.advance(Duration.ofSeconds(5));
    assertThat(lastCommit()).isEqualTo(Map.of(0, 3L));
  }

  @Test
  void aPollGetsWhatFollows() {
    EventConsumer<String> consumer = consumer(LETTERS);
    deliver();
    assertThat(consumer.poll(10, Duration.ZERO).join()).hasSize(1);
    CompletableFuture<List<Message<String>>> second = consumer.poll(10, Duration.ofMinutes(1));
    letter().succeed(ScriptedTransport.stored(0, 1));
    assertThat(second.join()).extracting(Message::offset).containsExactly(2L);
    assertThat(calls("publish")).hasSize(1);
  }

  @Test
  void aSubscriptionGoesOn() {
    CompletableFuture<Void> over = subscribe(LETTERS);
    deliver();
    assertThat(seen).containsExactly("0:0");
    letter().succeed(ScriptedTransport.stored(0, 1));
    assertThat(seen).containsExactly("0:0", "0:2");
    assertThat(over).isNotDone();
  }

  // When it cannot be stored.

  @Test
  void forEachEndsWithWhatKeptTheLetterAndDoesNotCountTheMessage() {
    EventConsumer<String> consumer = consumer(LETTERS);
    CompletableFuture<Void> run = consumer.forEach(this::note);
    deliver();
    letter().fail(rejected());
    isTheFailureOfTheLetter(failureOf(run));
    assertThat(seen).containsExactly("0:0");
    assertThat(consumer.position(0)).hasValue(1);
    consumer.closeAsync();
    assertThat(lastCommit()).isEqualTo(Map.of(0, 1L));
  }

  @Test
  void anotherForEachTriesTheLetterAgain() {
    EventConsumer<String> consumer = consumer(LETTERS);
    consumer.forEach(this::note);
    deliver();
    letter().fail(rejected());
    CompletableFuture<Void> again = consumer.forEach(this::note);
    assertThat(calls("publish")).hasSize(2);
    letter().succeed(ScriptedTransport.stored(0, 1));
    assertThat(seen).containsExactly("0:0", "0:2");
    assertThat(again).isNotDone();
  }

  @Test
  void aPollFailsWithWhatKeptTheLetterAndTheNextTriesItAgain() {
    EventConsumer<String> consumer = consumer(LETTERS);
    deliver();
    assertThat(consumer.poll(10, Duration.ZERO).join()).hasSize(1);
    CompletableFuture<List<Message<String>>> failing = consumer.poll(10, Duration.ofMinutes(1));
    letter().fail(rejected());
    isTheFailureOfTheLetter(failureOf(failing));
    assertThat(consumer.position(0)).hasValue(1);
    CompletableFuture<Void> committed = consumer.commit();
    assertThat(lastCommit()).isEqualTo(Map.of(0, 1L));
    assertThat(committed).isNotDone();
    CompletableFuture<List<Message<String>>> again = consumer.poll(10, Duration.ofMinutes(1));
    assertThat(calls("publish")).hasSize(2);
    letter().succeed(ScriptedTransport.stored(0, 1));
    assertThat(again.join()).extracting(Message::offset).containsExactly(2L);
  }

  @Test
  void aSubscriptionEndsWithWhatKeptTheLetter() {
    CompletableFuture<Void> over = subscribe(LETTERS);
    deliver();
    letter().fail(rejected());
    isTheFailureOfTheLetter(failureOf(over));
    assertThat(seen).containsExactly("0:0");
    assertThat(transport.source().isClosing()).isTrue();
  }

  @Test
  void aTransportThatThrowsAtTheLetterIsAFailureOfTheLetter() {
    transport.onPublish =
        events -> {
          throw new AssertionError("broken");
        };
    EventConsumer<String> consumer = consumer(LETTERS);
    deliver();
    assertThat(consumer.poll(10, Duration.ZERO).join()).hasSize(1);
    assertThat(failureOf(consumer.poll(10, Duration.ZERO))).hasRootCauseMessage("broken");
    assertThat(failureOf(consumer.forEach(this::note))).hasRootCauseMessage("broken");
    assertThat(consumer.closeAsync()).isNotCompletedExceptionally();
  }

  // Listeners that throw.

  private static OnUndecodable skipping(List<Long> skipped) {
    return OnUndecodable.skip(
        why -> {
          skipped.add(why.offset().orElseThrow());
          throw new AssertionError("a listener that throws");
        });
  }

  @Test
  void aListenerThatThrowsDoesNotEndForEach() {
    List<Long> skipped = new ArrayList<>();
    CompletableFuture<Void> run = consumer(skipping(skipped)).forEach(this::note);
    deliver();
    assertThat(run).isNotDone();
    assertThat(seen).containsExactly("0:0", "0:2");
    assertThat(skipped).containsExactly(1L);
    time.advance(Duration.ofSeconds(5));
    assertThat(lastCommit()).isEqualTo(Map.of(0, 3L));
  }

  @Test
  void aListenerThatThrowsDoesNotFailAPoll() {
    List<Long> skipped = new ArrayList<>();
    EventConsumer<String> consumer = consumer(skipping(skipped));
    deliver();
    assertThat(consumer.poll(1, Duration.ZERO).join()).hasSize(1);
    assertThat(consumer.poll(10, Duration.ofMinutes(1)).join()).extracting(Message::offset).containsExactly(2L);
    assertThat(skipped).containsExactly(1L);
  }

  @Test
  void aListenerThatThrowsDoesNotEndASubscription() {
    List<Long> skipped = new ArrayList<>();
    CompletableFuture<Void> over = subscribe(skipping(skipped));
    deliver();
    assertThat(over).isNotDone();
    assertThat(seen).containsExactly("0:0", "0:2");
    assertThat(skipped).containsExactly(1L);
  }
}
