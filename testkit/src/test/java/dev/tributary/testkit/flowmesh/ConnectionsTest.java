package dev.tributary.testkit.flowmesh;

import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Tributary;
import dev.tributary.admin.ResourceKind;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.observe.Instrumentation;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.Received;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who watches hears of every connection, and once of its end, however it comes. */
@Timeout(60)
class ConnectionsTest {
  private final EmbeddedServer server = EmbeddedServer.flowmesh().start();
  private final FaultProxy grpc = FaultProxy.before(server.host(), server.port());
  private final FaultProxy http = FaultProxy.before(server.host(), server.httpPort());
  private final String toGrpc = grpc.host() + ":" + grpc.port();
  private final String toHttp = http.host() + ":" + http.port();
  private final Watch watch = new Watch();

  @AfterEach
  void close() {
    grpc.close();
    http.close();
    server.close();
  }

  private ClientConfig.Builder config() {
    return ClientConfig.builder("flowmesh")
        .endpoint(grpc.host(), grpc.port())
        .option("http", toHttp)
        .retry(Retry.builder().maxAttempts(1_000).backoff(Duration.ofMillis(5), Duration.ofMillis(20)).build())
        .instrumentation(watch);
  }

  private static void call(Tributary client) throws Exception {
    of(client.keyValue("s").put("k", new byte[1]));
  }

  /** Calls, a subscription, which has a connection of its own, and the listing routes. */
  private void useAll(Tributary client) throws Exception {
    call(client);
    client.stream("s", Codecs.text()).subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(new Received<>());
    of(client.admin().list(ResourceKind.STREAM));
    watch.await(Map.of(toGrpc, 2, toHttp, 1));
  }

  @Test
  void theyAreMadeWhenTheyAreNeededAndEndWithTheClient() throws Exception {
    Tributary client = Tributary.connect(config().build());
    assertThat(watch.open()).isEmpty();
    call(client);
    call(client);
    assertThat(watch.open()).isEqualTo(Map.of(toGrpc, 1));
    useAll(client);
    client.close();
    assertThat(watch.open()).isEmpty();
    assertThat(watch.made()).isEqualTo(Map.of("flowmesh", 3));
  }

  @Test
  void theyEndWithTheServerAndAreMadeAgainAfterARestart() throws Exception {
    Tributary client = Tributary.connect(config().build());
    useAll(client);
    grpc.refuse();
    http.refuse();
    watch.await(Map.of());
    grpc.heal();
    http.heal();
    call(client);
    // The subscription resumes by itself.
    watch.await(Map.of(toGrpc, 2));
    client.close();
    assertThat(watch.open()).isEmpty();
    assertThat(watch.made()).isEqualTo(Map.of("flowmesh", 5));
  }

  @Test
  void theyEndWhenTheServerSaysGoodbye() throws Exception {
    Tributary client = Tributary.connect(config().build());
    useAll(client);
    server.stop();
    watch.await(Map.of());
    client.close();
    assertThat(watch.open()).isEmpty();
  }

  @Test
  void oneThatIsResetOrDeadEndsToo() throws Exception {
    Tributary client =
        Tributary.connect(config().connectTimeout(Duration.ofMillis(200)).idleProbe(Duration.ofMillis(50)).build());
    call(client);
    grpc.reset();
    watch.await(Map.of());
    call(client);
    watch.await(Map.of(toGrpc, 1));
    grpc.blackHole();
    client.keyValue("s").put("k", new byte[1]);
    watch.await(Map.of());
    client.close();
    assertThat(watch.open()).isEmpty();
  }

  @Test
  void anInstrumentationThatThrowsHarmsNothing() throws Exception {
    AtomicInteger told = new AtomicInteger();
    Instrumentation broken =
        new Instrumentation() {
          @Override
          public Observation start(Operation operation) {
            return Observation.NONE;
          }

          @Override
          public Runnable connected(String backend, String at) {
            if (told.incrementAndGet() == 1) {
              throw new IllegalStateException("at the beginning, on purpose");
            }
            return () -> {
              told.incrementAndGet();
              throw new IllegalStateException("at the end, on purpose");
            };
          }
        };
    Tributary client = Tributary.connect(config().instrumentation(broken).build());
    call(client);
    grpc.reset();
    call(client);
    grpc.reset();
    call(client);
    client.close();
    assertThat(told).as("three beginnings and two ends").hasValue(5);
  }

  /** Counts what is open at each server. */
  private static final class Watch implements Instrumentation {
    private final Map<String, Integer> open = new HashMap<>();
    private final Map<String, Integer> made = new HashMap<>();

    @Override
    public Observation start(Operation operation) {
      return Observation.NONE;
    }

    @Override
    public synchronized Runnable connected(String backend, String at) {
      open.merge(at, 1, Integer::sum);
      made.merge(backend, 1, Integer::sum);
      notifyAll();
      return () -> ended(at);
    }

    private synchronized void ended(String at) {
      // One that ended twice would show as a negative count.
      open.merge(at, -1, (have, less) -> have + less == 0 ? null : have + less);
      notifyAll();
    }

    /** How many are open, by server. */
    synchronized Map<String, Integer> open() {
      return Map.copyOf(open);
    }

    /** How many were made, by backend. */
    synchronized Map<String, Integer> made() {
      return Map.copyOf(made);
    }

    /** Waits until these are open; the test's timeout is the limit. */
    synchronized void await(Map<String, Integer> expected) throws InterruptedException {
      while (!open.equals(expected)) {
        wait();
      }
    }
  }
}
