package dev.tributary.testkit.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.testkit.server.EmbeddedServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that wait, or wait to be tried again, while their client is closed: they say so, and that nothing was applied. */
@Timeout(120)
class ClosingTest {
  private static final int ROUNDS = 10;
  private static final int CALLS = 50;

  private final Logger root = Logger.getLogger("");
  private final List<String> rejected = new CopyOnWriteArrayList<>();
  private final Handler capture =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          for (Throwable thrown = entry.getThrown(); thrown != null; thrown = thrown.getCause()) {
            if (thrown instanceof RejectedExecutionException && entry.getLevel().intValue() >= Level.INFO.intValue()) {
              rejected.add(entry.getLoggerName() + ": " + thrown);
            }
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    root.addHandler(capture);
  }

  @AfterEach
  void leave() {
    root.removeHandler(capture);
  }

  private static int nobody() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static List<Function<Tributary, CompletableFuture<?>>> kinds() {
    return List.of(
        client -> client.queue("q").enqueue(new byte[1]),
        client -> client.queue("q").reserve(ReserveOptions.maxWait(Duration.ofSeconds(20))),
        client -> client.queue("q").stats(),
        client -> client.queue("q").deadLetters().list(10));
  }

  private static TributaryException error(CompletableFuture<?> call) {
    Throwable why =
        call.handle((value, error) -> error instanceof CompletionException wrapped ? wrapped.getCause() : error)
            .orTimeout(30, TimeUnit.SECONDS)
            .join();
    assertThat(why).as("call").isInstanceOf(TributaryException.class);
    return (TributaryException) why;
  }

  @ParameterizedTest
  @ValueSource(strings = {"flowmesh", "disheap", "goqueue"})
  void whatIsTriedAgainSaysThatTheClientIsClosed(String protocol) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      ClientConfig config =
          ClientConfig.builder(protocol)
              .endpoint("127.0.0.1", nobody())
              .timeout(Duration.ofMinutes(1))
              .retry(Retry.backoff(Duration.ofMillis(1), Duration.ofMillis(5)))
              .build();
      Tributary client = Tributary.connect(config);
      Queue<CompletableFuture<?>> calls = new ConcurrentLinkedQueue<>();
      CountDownLatch begun = new CountDownLatch(CALLS);
      Thread caller =
          new Thread(
              () -> {
                boolean closed = false;
                while (!closed) {
                  for (Function<Tributary, CompletableFuture<?>> kind : kinds()) {
                    if (calls.size() < 1_000) {
                      calls.add(kind.apply(client));
                    }
                    begun.countDown();
                  }
                  closed = calls.stream().anyMatch(CompletableFuture::isDone) || calls.size() >= 1_000;
                }
              });
      caller.start();
      assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
      client.close();
      caller.join(30_000);
      assertThat(caller.isAlive()).isFalse();
      for (CompletableFuture<?> call : calls) {
        TributaryException why = error(call);
        assertThat(why).isInstanceOf(ClientClosedException.class);
        assertThat(why.maybeApplied()).isFalse();
      }
    }
    assertThat(rejected).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"flowmesh", "disheap", "goqueue"})
  void whatIsUnderWayOrRestsEndsWithTheClient(String protocol) throws Exception {
    try (EmbeddedServer server = EmbeddedServer.of(protocol).createOnFirstUse(true).start()) {
      for (int round = 0; round < ROUNDS; round++) {
        Tributary client = Tributary.connect(server.uri());
        String queue = "rests-" + round;
        if (client.capabilities().contains(Capability.CREATE_RESOURCES)) {
          client.admin().createQueue(queue, QueueConfig.DEFAULT).join();
          client.admin().createQueue(queue + "-empty", QueueConfig.DEFAULT).join();
        }
        client.queue(queue).enqueue(new byte[1]).join();
        client
            .queue(queue)
            .reserve(ReserveOptions.maxWait(Duration.ofSeconds(20)))
            .join()
            .orElseThrow()
            .nack(Duration.ofMillis(20))
            .join();
        Queue<CompletableFuture<?>> calls = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < CALLS; i++) {
          calls.add(client.queue(queue + "-empty").reserve(ReserveOptions.maxWait(Duration.ofSeconds(20))));
          calls.add(client.queue(queue).enqueue(new byte[1]));
        }
        client.close();
        for (CompletableFuture<?> call : calls) {
          Throwable why = call.handle((value, error) -> error).orTimeout(30, TimeUnit.SECONDS).join();
          if (why != null) {
            assertThat(error(call)).isInstanceOf(ClientClosedException.class);
          }
        }
      }
    }
    assertThat(rejected).isEmpty();
  }
}
