package dev.tributary.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.kv.Change;
import dev.tributary.stream.Event;
import dev.tributary.vertx.VertxEventStream;
import dev.tributary.vertx.VertxKeyValueStore;
import dev.tributary.vertx.VertxTributary;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A verticle's view of a driver that knows nothing of Vert.x: what completes, and what is called, is on the context of the caller. */
@Timeout(60)
class VertxTest {
  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final Set<Context> called = ConcurrentHashMap.newKeySet();
  private VertxTributary client;

  @BeforeEach
  void connect() {
    client = VertxTributary.connect(vertx, Servers.shared().uri());
  }

  @AfterEach
  void close() {
    if (client != null) {
      client.close().await();
    }
    vertx.close().await();
  }

  private <T> T onContext(Callable<Future<T>> work) {
    Promise<T> done = Promise.promise();
    context.runOnContext(
        now -> {
          try {
            work.call()
                .onComplete(
                    result -> {
                      called.add(Vertx.currentContext());
                      done.handle(result);
                    });
          } catch (Exception failed) {
            done.fail(failed);
          }
        });
    return done.future().await();
  }

  @Test
  void whatIsPublishedReachesAGroup() {
    String name = "vertx-" + System.nanoTime();
    VertxEventStream<String> stream = client.stream(name, Codecs.text());
    Promise<List<String>> all = Promise.promise();
    List<String> seen = new ArrayList<>();
    onContext(() -> client.admin().createStream(name, StreamConfig.partitions(2)));
    onContext(() -> stream.publishAll(List.of(Event.of("a"), Event.of("b"), Event.of("c"))));
    context.runOnContext(
        now ->
            stream
                .consumer("group")
                .forEach(
                    message -> {
                      called.add(Vertx.currentContext());
                      seen.add(message.value());
                      if (seen.size() == 3) {
                        all.complete(seen);
                      }
                      return Future.succeededFuture();
                    }));
    assertThat(all.future().await()).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(called).containsExactly(context);
  }

  @Test
  void aWatchSeesWhatIsPut() {
    String name = "vertx-" + System.nanoTime();
    VertxKeyValueStore<String> store = client.keyValue(name, Codecs.text());
    Promise<Change<String>> change = Promise.promise();
    onContext(() -> client.admin().createKeyValue(name));
    context.runOnContext(
        now ->
            store
                .watch("k")
                // The client is closed under it.
                .exceptionHandler(closed -> { })
                .handler(
                    seen -> {
                      called.add(Vertx.currentContext());
                      change.tryComplete(seen);
                    }));
    while (!change.future().isComplete()) {
      onContext(() -> store.put("key", "value"));
    }
    assertThat(change.future().await().key()).isEqualTo("key");
    assertThat(onContext(() -> store.get("key"))).contains("value");
    assertThat(called).containsExactly(context);
  }
}
