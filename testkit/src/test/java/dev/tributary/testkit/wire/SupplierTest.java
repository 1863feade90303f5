package dev.tributary.testkit.wire;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.config.Retry;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.server.EmbeddedServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A supplier of credentials that fails, or is behind, is a fault that passes: what lives long lives on. */
@Timeout(120)
class SupplierTest {
  private static final String GOOD = "dh_id_c2VjcmV0";
  private static final String OLD = "dh_old_c2VjcmV0";
  private static final int FAILING = 12;

  private final MemoryEngine engine = MemoryEngine.builder().build();
  private EmbeddedServer server;

  enum Wire {
    FLOWMESH,
    DISHEAP,
    GOQUEUE;

    EmbeddedServer.Builder server() {
      return switch (this) {
        case FLOWMESH -> EmbeddedServer.flowmesh().authOnSubscribe(true);
        case DISHEAP -> EmbeddedServer.disheap().createOnFirstUse(true);
        case GOQUEUE -> EmbeddedServer.goqueue();
      };
    }
  }

  @AfterEach
  void stop() {
    server.close();
    engine.close();
  }

  private Tributary client(Wire wire, Credentials.Provider provider) throws Exception {
    for (String name : wire == Wire.GOQUEUE ? List.of("q", "s") : List.<String>of()) {
      Deadline soon = Deadline.after(TimeSource.system(), Duration.ofSeconds(30));
      of(engine.connect().admin().orElseThrow().createStream(ResourceName.parse(name, "default", "default"), StreamConfig.DEFAULT, soon));
    }
    server = wire.server().transport(engine.connect()).token(GOOD).start();
    return Tributary.connect(
        ClientConfig.parse(server.uri()).toBuilder()
            .credentials(provider)
            .retry(Retry.backoff(Duration.ofMillis(5), Duration.ofMillis(50)))
            .build());
  }

  private void livesOn(Tributary client, AtomicInteger asked) throws Exception {
    try (client) {
      BlockingQueue<String> handled = new LinkedBlockingQueue<>();
      Worker worker =
          client
              .queue("q", Codecs.text())
              .worker(
                  WorkerOptions.builder().build(),
                  job -> {
                    handled.add(job.value());
                    return CompletableFuture.completedFuture(null);
                  });
      Received<Message<String>> messages = new Received<>();
      boolean streams = client.capabilities().contains(Capability.STREAMS);
      if (streams) {
        client.stream("s", Codecs.text()).subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(messages);
      }
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (asked.get() <= FAILING) {
        assertThat(System.nanoTime()).as("asked again in time").isLessThan(end);
        Thread.yield();
      }
      of(client.queue("q", Codecs.text()).enqueue("job"));
      assertThat(handled.poll(60, TimeUnit.SECONDS)).isEqualTo("job");
      assertThat(worker.ended()).isNotDone();
      if (streams) {
        of(client.stream("s", Codecs.text()).publish("event"));
        messages.await(1);
        assertThat(messages.end()).isNotDone();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void oneThatFailsForAWhileEndsNothing(Wire wire) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    livesOn(
        client(
            wire,
            () ->
                asked.incrementAndGet() <= FAILING
                    ? CompletableFuture.failedFuture(new IOException("the vault is sealed"))
                    : CompletableFuture.completedFuture(new Credentials.Token(GOOD))),
        asked);
  }

  @ParameterizedTest
  @EnumSource
  void oneThatGivesAnOldTokenForAWhileEndsNothing(Wire wire) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    livesOn(client(wire, Credentials.Provider.token(() -> asked.incrementAndGet() <= FAILING ? OLD : GOOD)), asked);
  }

  @ParameterizedTest
  @EnumSource
  void aCallWaitsForOneThatFailsWithinItsDeadline(Wire wire) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Credentials.Provider sealed =
        () -> {
          if (asked.incrementAndGet() <= FAILING) {
            throw new IllegalStateException("the vault is sealed");
          }
          return CompletableFuture.completedFuture(new Credentials.Token(GOOD));
        };
    try (Tributary client = client(wire, sealed)) {
      of(client.queue("q", Codecs.text()).enqueue("job"));
      assertThat(asked).hasValue(FAILING + 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTokenThatNeverChangesIsRefusedForGood(Wire wire) throws Exception {
    try (Tributary client = client(wire, Credentials.Provider.of(new Credentials.Token(OLD)))) {
      Worker worker = client.queue("q").worker(WorkerOptions.builder().build(), job -> CompletableFuture.completedFuture(null));
      assertThat(failure(worker.ended())).isInstanceOf(UnauthenticatedException.class);
    }
  }
}
