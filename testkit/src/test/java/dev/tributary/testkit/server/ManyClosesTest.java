package dev.tributary.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Tributary;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that leave while they are being answered are nothing that a server complains of. */
@Timeout(120)
class ManyClosesTest {
  private static final int CLIENTS = 50;
  private static final int CALLS = 3;
  /** More than fits into the window of a stream, so that the rest waits in the server. */
  private static final int LARGE = 3 << 19;

  private final Logger root = Logger.getLogger("");
  private final List<String> severe = new CopyOnWriteArrayList<>();
  private final Handler capture =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          if (entry.getLevel().intValue() >= Level.SEVERE.intValue()) {
            severe.add(entry.getLoggerName() + ": " + entry.getMessage() + " " + entry.getThrown());
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  /** Asks for messages and takes them. */
  private static final class Reader implements Flow.Subscriber<Message<byte[]>> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Message<byte[]> message) {}

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onComplete() {}
  }

  @BeforeEach
  void listen() {
    root.addHandler(capture);
  }

  @AfterEach
  void leave() {
    root.removeHandler(capture);
  }

  @Test
  void leaveNothingInTheLog() {
    try (EmbeddedServer server = EmbeddedServer.flowmesh().start()) {
      try (Tributary first = Tributary.connect(server.uri())) {
        first.keyValue("kv").put("large", new byte[LARGE]).join();
        first.keyValue("kv").put("small", new byte[1]).join();
        first.stream("s").publish(new byte[LARGE]).join();
      }
      for (int i = 0; i < CLIENTS; i++) {
        Tributary client = Tributary.connect(server.uri());
        List<CompletableFuture<?>> calls = new ArrayList<>();
        client.stream("s").subscribe(SubscribeOptions.builder().start(StartAt.earliest()).build()).subscribe(new Reader());
        client.keyValue("kv").get("small").join();
        for (int j = 0; j < CALLS; j++) {
          calls.add(client.keyValue("kv").get("large"));
        }
        if (i % 2 == 0) {
          calls.get(0).join();
        }
        client.close();
        calls.forEach(call -> assertThat(call.handle((value, gone) -> true).orTimeout(30, TimeUnit.SECONDS).join()).isTrue());
      }
      try (Tributary last = Tributary.connect(server.uri())) {
        assertThat(last.keyValue("kv").get("large").join().orElseThrow()).hasSize(LARGE);
      }
    }
    assertThat(severe).isEmpty();
  }
}
