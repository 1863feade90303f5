package org.example.bills;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.testkit.server.EmbeddedServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BillVerticleTest {
  @Test
  void billsAnOrderAndPrintsNothing() throws Exception {
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      billAnOrder();
    } finally {
      System.setErr(err);
    }
    assertEquals("", printed.toString(StandardCharsets.UTF_8));
  }

  private static void billAnOrder() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (EmbeddedServer server = EmbeddedServer.flowmesh().start();
        Tributary tributary = Tributary.connect(server.uri())) {
      tributary.stream("orders", Codecs.text()).publish("order 42").get(20, TimeUnit.SECONDS);
      String deployed = get(vertx.deployVerticle(new BillVerticle(server.uri())));

      var bills = tributary.keyValue("bills", Codecs.text());
      while (bills.get("order 42").get(20, TimeUnit.SECONDS).isEmpty()) {
        Thread.onSpinWait();
      }

      assertEquals("bill for order 42", bills.get("order 42").get(20, TimeUnit.SECONDS).orElseThrow());
      get(vertx.undeploy(deployed));
    } finally {
      get(vertx.close());
    }
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
