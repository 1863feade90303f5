package dev.tributary.testkit.disheap;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.admin.ResourceKind;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.PartialFailureException;
import dev.tributary.error.TributaryException;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.ServerFaults.Role;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two nodes, of which one leads, or none. */
@Timeout(120)
class LeaderTest {
  private final MemoryEngine engine = MemoryEngine.builder().createOnFirstUse(false).build();
  private final EmbeddedServer first = EmbeddedServer.disheap().transport(engine.connect()).start();
  private final EmbeddedServer second = EmbeddedServer.disheap().transport(engine.connect()).start();

  @AfterEach
  void close() {
    first.close();
    second.close();
    engine.close();
  }

  private ClientConfig.Builder config() {
    return ClientConfig.builder("disheap")
        .endpoint(first.host(), first.port())
        .endpoint(second.host(), second.port())
        .retry(Retry.builder().maxAttempts(3).backoff(Duration.ofMillis(1), Duration.ofMillis(5)).build())
        .timeout(Duration.ofSeconds(20));
  }

  private Tributary connect(boolean http) {
    ClientConfig.Builder config = config();
    if (http) {
      config.option("http", first.host() + ":" + first.httpPort() + "," + second.host() + ":" + second.httpPort());
    }
    return Tributary.connect(config.build());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aQueueIsMadeByWhicheverLeads(boolean http) throws Exception {
    try (Tributary client = connect(http)) {
      first.faults().play(Role.FOLLOWER);
      of(client.admin().createQueue("a", QueueConfig.DEFAULT));
      first.faults().play(Role.LEADER);
      second.faults().play(Role.FOLLOWER);
      of(client.admin().createQueue("b", QueueConfig.DEFAULT));
      of(client.queue("a").enqueue(new byte[1]));
      of(client.queue("b").enqueue(new byte[1]));
      assertThat(of(client.admin().list(ResourceKind.QUEUE))).extracting(info -> info.name().name()).containsExactly("a", "b");
    }
  }

  /** The one that leads is asked first, if it is known: the other would have failed the call. */
  @Test
  void theHttpSideTellsWhomToAsk() throws Exception {
    first.faults().play(Role.FOLLOWER);
    first.faults().fail("MakeHeap", 1, 3, "not meant for me");
    try (Tributary client = connect(true)) {
      of(client.admin().createQueue("q", QueueConfig.DEFAULT));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void withoutALeaderTheErrorSaysSoAndThatNothingWasDone(boolean http) throws Exception {
    first.faults().play(Role.LEADERLESS);
    second.faults().play(Role.FOLLOWER);
    try (Tributary client = connect(http)) {
      TributaryException error = failure(client.admin().createQueue("q", QueueConfig.DEFAULT));
      assertThat(error).isInstanceOf(ConnectionFailedException.class).hasMessageContaining("not leader");
      assertThat(error.retryable()).isTrue();
      assertThat(error.maybeApplied()).isFalse();
      assertThat(error.hint()).contains("leader");
      assertThat(of(client.admin().list(ResourceKind.QUEUE))).isEmpty();
    }
  }

  @Test
  void whatIsNotReplicatedGoesToEveryEndpointThatShallHaveIt() throws Exception {
    try (Tributary one = connect(false);
        Tributary all = Tributary.connect(config().option("fan-out", "true").build())) {
      of(all.admin().createQueue("q", QueueConfig.DEFAULT));
      second.faults().fail("UpdateHeapConfig", 1, 13, "disk full");
      QueueUpdate update = QueueUpdate.builder().lease(Duration.ofSeconds(77)).build();
      of(one.admin().updateQueue("q", update));
      PartialFailureException error = (PartialFailureException) failure(all.admin().updateQueue("q", update));
      assertThat(error).hasMessageContaining(second.host() + ":" + second.port()).hasMessageContaining("disk full");
      assertThat(error.outcomes()).hasSize(2);
      assertThat(error.outcomes().get(0).succeeded()).isTrue();
      assertThat(error.outcomes().get(1).succeeded()).isFalse();
      of(all.admin().updateQueue("q", update));
      assertThat(of(all.admin().queueConfig("q")).lease()).isEqualTo(Duration.ofSeconds(77));

      second.faults().fail("DeleteHeap", 1, 13, "disk full");
      assertThat(failure(all.admin().delete(ResourceKind.QUEUE, "q")))
          .isInstanceOf(PartialFailureException.class)
          .hasMessageContaining(second.host() + ":" + second.port());
      assertThat(of(all.admin().list(ResourceKind.QUEUE))).isEmpty();
    }
  }
}
