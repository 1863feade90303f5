package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many threads consume as one member, over real sockets. */
@Timeout(60)
class ManyConsumersTest {
  private static final int MESSAGES = 120;
  private static final int CONSUMERS = 4;

  private final Set<String> acked = ConcurrentHashMap.newKeySet();
  private final Set<String> held = ConcurrentHashMap.newKeySet();

  /** Nobody has what another has, what is acked does not come again, and whatever is said to be committed is. */
  @Test
  void shareWhatThereIs() {
    VirtualTime time = new VirtualTime();
    try (EmbeddedServer server = EmbeddedServer.goqueue().time(time).start()) {
      ConsumerClient consumer = new ConsumerClient(server, time);
      consumer.client.create("orders", 1);
      consumer.client.publish(
          "orders", IntStream.range(0, MESSAGES).mapToObj(i -> GoQueueClient.message("m" + i)).toArray(JsonObject[]::new));
      String member = consumer.member("g", "worker", "orders");
      List<CompletableFuture<Void>> working = new ArrayList<>();
      for (int i = 0; i < CONSUMERS; i++) {
        Random random = new Random(i);
        working.add(CompletableFuture.runAsync(() -> work(consumer, member, random)));
      }
      CompletableFuture.allOf(working.toArray(CompletableFuture[]::new)).join();
      assertThat(acked).hasSize(MESSAGES);
      assertThat(consumer.committed("orders", "g")).hasValue(MESSAGES);
    }
  }

  private void work(ConsumerClient consumer, String member, Random random) {
    while (acked.size() < MESSAGES) {
      List<JsonObject> messages = consumer.messages("g", member, "&max_messages=3");
      messages.forEach(message -> assertThat(held.add(message.getString("value"))).as("%s with two at a time", message).isTrue());
      for (JsonObject message : messages) {
        String value = message.getString("value");
        assertThat(acked).doesNotContain(value);
        held.remove(value);
        boolean again = message.getString("receipt_handle").startsWith("orders:0:" + message.getLong("offset") + ":1:");
        if (again && random.nextInt(3) == 0) {
          consumer.nack(message, "0s");
        } else {
          JsonObject answer = consumer.ack(message);
          acked.add(value);
          assertThat(consumer.committed("orders", "g").orElse(0)).isGreaterThanOrEqualTo(answer.getLong("committed_offset"));
        }
      }
    }
  }
}
