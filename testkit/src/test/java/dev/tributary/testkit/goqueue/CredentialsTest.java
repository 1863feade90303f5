package dev.tributary.testkit.goqueue;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.StartAt;
import dev.tributary.testkit.server.JsonClient;
import dev.tributary.testkit.wire.CredentialCases;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** API keys, and those that the server makes and revokes. */
class CredentialsTest extends CredentialCases {
  private static final String ROOT = "gq_root_" + SECRET;

  private final JsonClient operator = new JsonClient(server).as("Bearer " + ROOT);

  CredentialsTest() {
    super("goqueue", ROOT, "gq_next_" + SECRET, "gq_wrong_" + SECRET);
  }

  /** A key that the server made, and may revoke. */
  private JsonObject madeKey(String name) {
    return operator.expect(
        201, "POST", "/admin/keys", new JsonObject().put("name", name).put("roles", new JsonArray().add("producer").add("consumer")));
  }

  private void revoke(JsonObject key) {
    operator.expect(200, "DELETE", "/admin/keys/" + key.getString("id"), null);
  }

  @Test
  void theSchemeThatMeansTlsLetsAKeyLeaveThisMachine() {
    Tributary.connect("goqueues://" + ROOT + "@192.0.2.1").close();
  }

  @Test
  void ofAKeyThatEndedTheErrorSaysSo() throws Exception {
    JsonObject key = madeKey("any");
    try (Tributary client = Tributary.connect(config().token(key.getString("key")).build())) {
      of(client.stream("s").publish(new byte[1]));
      revoke(key);
      assertThat(failure(client.stream("s").publish(new byte[1])))
          .isInstanceOf(UnauthenticatedException.class)
          .hasMessageContaining("revoked")
          .hasMessageNotContaining(key.getString("key"));
    }
  }

  @Test
  void theSupplierIsAskedOnceForAllThatARevokedKeyRefused() throws Exception {
    Supplied supplied = new Supplied(madeKey("first"));
    try (Tributary client = Tributary.connect(config().credentials(supplied.provider).build())) {
      of(client.stream("s").publish(new byte[1]));
      assertThat(supplied.asked).hasValue(1);
      supplied.rotate();
      // Nothing of this is retried when it may have been applied: a refused key is none of the caller's business.
      List<CompletableFuture<?>> calls = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        calls.add(client.stream("s").publish(new byte[1]));
        calls.add(client.stream("s").read(0, 0, 1));
      }
      for (CompletableFuture<?> call : calls) {
        of(call);
      }
      assertThat(supplied.asked).hasValue(2);
    }
  }

  @Test
  void aWorkerAndAConsumerOutliveTheirKeys() throws Exception {
    int rounds = 4;
    int each = 25;
    Supplied supplied = new Supplied(madeKey("first"));
    Set<String> handled = ConcurrentHashMap.newKeySet();
    Set<String> consumed = ConcurrentHashMap.newKeySet();
    ClientConfig config = config().credentials(supplied.provider).option("heartbeat", "100ms").build();
    try (Tributary client = Tributary.connect(config)) {
      EventStream<String> stream = client.stream("s", Codecs.text());
      EventConsumer<String> consumer =
          stream.consumer(ConsumerOptions.builder().group("g").start(StartAt.earliest()).autoCommit(Duration.ofMillis(20)).build());
      Worker worker =
          client
              .queue("s", Codecs.text())
              .worker(
                  WorkerOptions.builder().build(),
                  job -> {
                    handled.add(job.value());
                    return CompletableFuture.completedFuture(null);
                  });
      CompletableFuture<Void> consuming =
          consumer.forEach(
              message -> {
                consumed.add(message.value());
                return CompletableFuture.completedFuture(null);
              });
      for (int round = 0; round < rounds; round++) {
        List<String> values = IntStream.range(round * each, (round + 1) * each).mapToObj(i -> "m-" + i).toList();
        for (String value : values) {
          of(stream.publish(value));
        }
        // The next key comes amid the next round's work.
        supplied.rotate();
        reaches(handled, values.size() * (round + 1));
        reaches(consumed, values.size() * (round + 1));
      }
      assertThat(worker.ended()).isNotDone();
      assertThat(consuming).isNotDone();
      of(worker.closeAsync(Duration.ofMinutes(5)));
      of(consumer.closeAsync(Duration.ofMinutes(5)));
      assertThat(of(consuming)).isNull();
      assertThat(of(stream.committed("g", 0))).hasValue(rounds * each);
    }
    assertThat(supplied.asked.get()).isBetween(rounds, rounds + 1);
  }

  private static void reaches(Set<String> values, int size) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (values.size() < size) {
      assertThat(System.nanoTime() - end).as("%s of %s", values.size(), size).isNegative();
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  /** Gives the key that holds now, and counts. */
  private final class Supplied {
    final AtomicInteger asked = new AtomicInteger();
    final AtomicReference<JsonObject> key;
    final Credentials.Provider provider =
        Credentials.Provider.token(
            () -> {
              asked.incrementAndGet();
              return key().getString("key");
            });

    Supplied(JsonObject first) {
      key = new AtomicReference<>(first);
    }

    JsonObject key() {
      return key.get();
    }

    /** Another key is given from now on, and the one before is let in no more. */
    void rotate() {
      revoke(key.getAndSet(madeKey("next")));
    }
  }
}
