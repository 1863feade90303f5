package dev.tributary.testkit.flowmesh;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.TributaryException;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.engine.MemoryEngine;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.Received;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two servers of one engine, as two nodes of a cluster. */
@Timeout(120)
class FailoverTest {
  private final MemoryEngine engine = MemoryEngine.builder().build();
  private final EmbeddedServer first = EmbeddedServer.flowmesh().transport(engine.connect()).start();
  private final EmbeddedServer second = EmbeddedServer.flowmesh().transport(engine.connect()).start();
  private final FaultProxy toFirst = FaultProxy.before(first.host(), first.port());
  private final FaultProxy toSecond = FaultProxy.before(second.host(), second.port());
  private final Tributary client = Tributary.connect(config().build());

  @AfterEach
  void close() {
    client.close();
    toFirst.close();
    toSecond.close();
    first.close();
    second.close();
    engine.close();
  }

  private ClientConfig.Builder config() {
    return ClientConfig.builder("flowmesh")
        .endpoint(toFirst.host(), toFirst.port())
        .endpoint(toSecond.host(), toSecond.port())
        .retry(Retry.builder().maxAttempts(10).backoff(Duration.ofMillis(5), Duration.ofMillis(50)).build())
        .timeout(Duration.ofSeconds(20));
  }

  private EventStream<String> stream() {
    return client.stream("s", Codecs.text());
  }

  @Test
  void oneThatIsDownAtTheStartCostsNothingButTime() throws Exception {
    first.close();
    toFirst.refuse();
    // A plain publish is only tried again when nothing can have been applied: here it is certain.
    assertThat(of(stream().publish("a")).offset()).isZero();
    Received<Message<String>> messages = new Received<>();
    stream().subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(messages);
    messages.await(1);
    assertThat(messages.all(Message::value)).containsExactly("a");
  }

  @Test
  void theDeathOfOneInTheMiddleOfTrafficLosesNothingThatWasConfirmed() throws Exception {
    Received<Message<String>> messages = new Received<>();
    stream().subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(messages);
    List<CompletableFuture<?>> published = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      published.add(stream().publish("m-" + i));
      if (i == 500) {
        messages.await(1);
      } else if (i == 1_000) {
        toFirst.refuse();
        toFirst.reset();
      }
    }
    Set<String> confirmed = new HashSet<>();
    Set<String> doubtful = new HashSet<>();
    for (int i = 0; i < published.size(); i++) {
      try {
        of(published.get(i));
        confirmed.add("m-" + i);
      } catch (ExecutionException failed) {
        assertThat(failed.getCause()).isInstanceOf(ConnectionFailedException.class);
        assertThat(((TributaryException) failed.getCause()).maybeApplied()).as("else it is tried again").isTrue();
        doubtful.add("m-" + i);
      }
    }
    long end = of(stream().latestOffset(0)).orElseThrow();
    messages.await((int) end + 1);
    assertThat(confirmed.size() + doubtful.size()).isEqualTo(2_000);
    assertThat(messages.all(Message::offset)).isEqualTo(LongStream.rangeClosed(0, end).boxed().toList());
    assertThat(messages.all(Message::value)).doesNotHaveDuplicates().containsAll(confirmed);
    confirmed.addAll(doubtful);
    assertThat(confirmed).containsAll(messages.all(Message::value));
    assertThat(toSecond.connections()).isPositive();
    assertThat(messages.end()).isNotDone();
  }

  @Test
  void oneThatFailedIsUsedAgainWhenItIsBack() throws Exception {
    of(stream().publish("a"));
    assertThat(toSecond.connections()).isZero();
    toFirst.refuse();
    toFirst.reset();
    publishUntilConfirmed("b");
    assertThat(toSecond.connections()).isPositive();
    long before = toFirst.connections();
    toFirst.heal();
    toSecond.refuse();
    toSecond.reset();
    publishUntilConfirmed("c");
    assertThat(toFirst.connections()).isGreaterThan(before);
    assertThat(of(stream().read(0, 0, 10))).extracting(message -> message.value()).contains("a", "b", "c");
  }

  @Test
  void ifAllAreDownTheErrorSaysWhereItTried() throws Exception {
    toFirst.refuse();
    toSecond.refuse();
    TributaryException error = failure(stream().read(0, 0, 1));
    assertThat(error).isInstanceOf(ConnectionFailedException.class).hasMessageContaining("127.0.0.1:");
    toSecond.heal();
    assertThat(of(stream().read(0, 0, 1))).isEmpty();
  }

  /** The break itself leaves a publish in doubt; who wants to be sure publishes again. */
  private void publishUntilConfirmed(String value) throws Exception {
    while (true) {
      try {
        of(stream().publish(value));
        return;
      } catch (ExecutionException failed) {
        assertThat(((TributaryException) failed.getCause()).maybeApplied()).isTrue();
      }
    }
  }
}
