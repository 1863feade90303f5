package dev.tributary.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.Capability;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.internal.Client;
import dev.tributary.internal.ManualTime;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.internal.ScriptedTransport.Call;
import dev.tributary.queue.DeadLetter;
import dev.tributary.spi.Steps;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.OnUndecodable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What becomes of a message at which the handler of {@code forEach} fails, step by step: in partition 0, the one at offset 1. */
class RedeliveryTest {
  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final RedeliveryPolicy TWICE = RedeliveryPolicy.builder().maxAttempts(2).fixedBackoff(PAUSE).build();

  private final ScriptedTransport transport = new ScriptedTransport();
  private final ManualTime time = new ManualTime();
  private final Client client =
      new Client(
          transport,
          ClientConfig.builder("scripted").time(time).callbackExecutor(ClientConfig.INLINE).prefetch(8).timeout(Duration.ofMinutes(1)).build());
  private final List<String> seen = new ArrayList<>();
  private boolean well;

  private EventConsumer<byte[]> consumer() {
    return consumer(TWICE);
  }

  private EventConsumer<byte[]> consumer(RedeliveryPolicy policy) {
    EventConsumer<byte[]> consumer = client.stream("s").consumer(ConsumerOptions.builder().group("g").redelivery(policy).build());
    transport.source().assign(0, 1);
    return consumer;
  }

  private CompletableFuture<Void> handle(Message<byte[]> message) {
    String name = new String(message.value(), StandardCharsets.UTF_8);
    seen.add(name);
    return name.equals("0:1") && !well
        ? CompletableFuture.failedFuture(new IllegalStateException("cannot"))
        : CompletableFuture.completedFuture(null);
  }

  private void deliver() {
    transport.source().deliverUpTo(0, 0, 3);
  }

  private List<Call<?>> calls(String operation) {
    return transport.calls.stream().filter(call -> call.operation().equals(operation)).toList();
  }

  private List<Object> about(String operation) {
    return calls(operation).stream().<Object>map(Call::about).toList();
  }

  private Map<Integer, Long> committed() {
    time.advance(Duration.ofSeconds(5));
    List<Call<?>> commits = calls("source commit");
    return commits.get(commits.size() - 1).aboutAs();
  }

  private static Throwable failureOf(CompletableFuture<?> call) {
    assertThat(call).isCompletedExceptionally();
    return Steps.unwrap(catchThrowable(call::join));
  }

  @Test
  void theMessageCountsAsProcessedWhenItsLetterIsConfirmedAndNotBefore() {
    consumer().forEach(this::handle);
    deliver();
    time.advance(PAUSE);
    assertThat(seen).containsExactly("0:0", "0:1", "0:1");
    assertThat(committed()).isEqualTo(Map.of(0, 1L));
    Call<?> adding = calls("add dead letter").get(0);
    DeadLetter<byte[]> letter = adding.aboutAs();
    assertThat(letter.id()).startsWith("0-1-");
    assertThat(letter.attempts()).hasValue(2);
    assertThat(Duration.between(letter.firstFailedAt(), letter.failedAt())).isEqualTo(PAUSE);
    calls("source commit").forEach(commit -> commit.succeed(null));
    adding.succeed(null);
    assertThat(seen).containsExactly("0:0", "0:1", "0:1", "0:2");
    assertThat(committed()).isEqualTo(Map.of(0, 3L));
  }

  @Test
  void aLetterIsAddedAgainUnderTheSameIdWhenNobodyKnowsWhetherItWas() {
    consumer(RedeliveryPolicy.maxAttempts(1)).forEach(this::handle);
    deliver();
    calls("add dead letter").get(0).fail(new ConnectionFailedException(ErrorInfo.of("cut", "Try again").maybeApplied(true)));
    time.advance(Duration.ofSeconds(5));
    assertThat(calls("add dead letter")).hasSize(2);
    assertThat(calls("add dead letter").stream().map(call -> call.<DeadLetter<byte[]>>aboutAs().id()).distinct()).hasSize(1);
    calls("add dead letter").get(1).succeed(null);
    assertThat(seen).containsExactly("0:0", "0:1", "0:2");
  }

  @Test
  void aLetterThatIsRefusedEndsItAndTheMessageStays() {
    EventConsumer<byte[]> consumer = consumer(RedeliveryPolicy.maxAttempts(1));
    CompletableFuture<Void> run = consumer.forEach(this::handle);
    deliver();
    calls("add dead letter").get(0).fail(new PermissionDeniedException(ErrorInfo.of("no", "Ask")));
    Throwable error = failureOf(run);
    assertThat(error).isInstanceOf(PermissionDeniedException.class);
    assertThat(error.getSuppressed()).singleElement().isInstanceOf(IllegalStateException.class);
    assertThat(committed()).isEqualTo(Map.of(0, 1L));
    assertThat(consumer.position(0)).hasValue(1);
    consumer.forEach(this::handle);
    assertThat(seen).containsExactly("0:0", "0:1", "0:1");
    calls("add dead letter").get(1).succeed(null);
    assertThat(seen).containsExactly("0:0", "0:1", "0:1", "0:2");
  }

  @Test
  void aStreamThatIsDeletedMeanwhileEndsItWhenItsReadingSaysSo() {
    CompletableFuture<Void> run = consumer(RedeliveryPolicy.builder().maxAttempts(1).fixedBackoff(PAUSE).build()).forEach(this::handle);
    deliver();
    calls("add dead letter").get(0).fail(new NotFoundException(ErrorInfo.of("no such stream", "Create it")));
    assertThat(run).isNotDone();
    time.advance(PAUSE);
    assertThat(calls("add dead letter")).hasSize(2);
    transport.source().end(new NotFoundException(ErrorInfo.of("deleted", "Use another")));
    calls("add dead letter").get(1).fail(new NotFoundException(ErrorInfo.of("no such stream", "Create it")));
    assertThat(failureOf(run)).isInstanceOf(NotFoundException.class).hasMessageContaining("deleted");
  }

  @Test
  void aHandlerThatReturnsNothingIsADefectAndNoFailureOfTheMessage() {
    CompletableFuture<Void> run = consumer().forEach(message -> null);
    deliver();
    assertThat(failureOf(run)).isInstanceOf(InvalidRequestException.class);
    assertThat(calls("add dead letter")).isEmpty();
  }

  @Test
  void whileItWaitsTheSourceGivesTheDemandToTheOthers() {
    consumer().forEach(this::handle);
    transport.source().deliverUpTo(0, 0, 8);
    assertThat(seen).containsExactly("0:0", "0:1");
    assertThat(about("pause")).containsExactly(Set.of(0));
    assertThat(transport.source().demand).isEqualTo(8);
    transport.source().deliverUpTo(1, 0, 3);
    assertThat(seen).containsExactly("0:0", "0:1", "1:0", "1:1", "1:2");
    well = true;
    time.advance(PAUSE);
    assertThat(about("resume")).containsExactly(Set.of(0));
    assertThat(seen).hasSize(12).endsWith("0:7");
    assertThat(transport.source().demand).isLessThanOrEqualTo(8);
  }

  @Test
  void aPauseOfTheUserOutlivesTheWait() {
    EventConsumer<byte[]> consumer = consumer();
    consumer.forEach(this::handle);
    deliver();
    consumer.pause(Set.of(0));
    well = true;
    time.advance(PAUSE);
    assertThat(seen).containsExactly("0:0", "0:1");
    assertThat(about("resume")).isEmpty();
    consumer.resume(Set.of(0));
    assertThat(about("resume")).containsExactly(Set.of(0));
    assertThat(seen).containsExactly("0:0", "0:1", "0:1", "0:2");
  }

  @Test
  void aPartitionThatGoesTakesItsFailuresAlong() {
    consumer().forEach(this::handle);
    deliver();
    int timers = time.waiting();
    transport.source().revoke(0);
    assertThat(time.waiting()).isLessThan(timers);
    assertThat(about("resume")).containsExactly(Set.of(0));
    time.advance(PAUSE);
    assertThat(seen).containsExactly("0:0", "0:1");
    transport.source().assign(0);
    transport.source().deliver(0, 1);
    time.advance(PAUSE.dividedBy(2));
    assertThat(calls("add dead letter")).as("it counts anew").isEmpty();
    time.advance(PAUSE);
    assertThat(calls("add dead letter")).hasSize(1);
  }

  @Test
  void theFirstFailureAndEachDeadLetterAreWarnings() {
    List<String> warnings = new ArrayList<>();
    Logger log = Logger.getLogger("dev.tributary.consumer");
    Filter before = log.getFilter();
    log.setFilter(entry -> entry.getLevel() == Level.WARNING && !warnings.add(entry.getMessage()));
    try {
      consumer().forEach(this::handle);
      deliver();
      time.advance(PAUSE);
      calls("add dead letter").get(0).succeed(null);
    } finally {
      log.setFilter(before);
    }
    assertThat(warnings)
        .satisfiesExactly(
            line -> assertThat(line).contains("0/1", "default/default/s", "attempt 1", "cannot"),
            line -> assertThat(line).contains("0/1", "default/default/s", "dead letter", "attempt 2", "cannot"));
  }

  @Test
  void aRunThatIsOverGivesNothingUp() {
    EventConsumer<byte[]> consumer = consumer(RedeliveryPolicy.maxAttempts(1));
    CompletableFuture<Void> handling = new CompletableFuture<>();
    CompletableFuture<Void> run = consumer.forEach(message -> handling);
    transport.source().deliver(0, 0);
    run.cancel(true);
    handling.completeExceptionally(new IllegalStateException("cancelled"));
    assertThat(calls("add dead letter")).isEmpty();
    assertThat(consumer.position(0)).hasValue(0);
  }

  @Test
  void whatTheBackendDoesNotLeaveToItsClientsIsRefused() {
    transport.capabilities.remove(Capability.DEAD_LETTER_ADD);
    assertThatThrownBy(this::consumer).isInstanceOf(UnsupportedFeatureException.class).hasMessageContaining("dead letter add");
    assertThatThrownBy(() -> client.stream("s").consumer(ConsumerOptions.builder().onUndecodable(OnUndecodable.deadLetter()).build()))
        .isInstanceOf(UnsupportedFeatureException.class);
    assertThat(failureOf(client.stream("s").deadLetters().add(DeadLetter.builder(new byte[1]).build())))
        .isInstanceOf(UnsupportedFeatureException.class);
    consumer(TWICE.toBuilder().maxAttempts(0).build()).forEach(this::handle);
    deliver();
    well = true;
    time.advance(PAUSE);
    assertThat(seen).containsExactly("0:0", "0:1", "0:1", "0:2");
  }

  @Test
  void aConsumerThatIsClosedMeanwhileDoesNotWait() {
    EventConsumer<byte[]> consumer = consumer();
    CompletableFuture<Void> run = consumer.forEach(this::handle);
    deliver();
    CompletableFuture<Void> closed = consumer.closeAsync();
    calls("source commit").forEach(commit -> commit.succeed(null));
    assertThat(closed).isCompleted();
    assertThat(run).isCompleted();
    time.advance(PAUSE);
    assertThat(seen).containsExactly("0:0", "0:1");
    assertThat(about("source commit")).containsExactly(Map.of(0, 1L));
  }
}
