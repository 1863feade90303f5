package dev.tributary.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.config.ClientConfig;
import dev.tributary.internal.Client;
import dev.tributary.internal.ManualTime;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.internal.ScriptedTransport.FakeSource;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ConsumerTest {
  private final ScriptedTransport transport = new ScriptedTransport();
  private final ManualTime time = new ManualTime();
  private final Client client =
      new Client(
          transport,
          ClientConfig.builder("scripted").time(time).callbackExecutor(Runnable::run).prefetch(8).timeout(Duration.ofSeconds(1)).build());

  private static List<Long> offsets(List<? extends Message<?>> messages) {
    return messages.stream().map(Message::offset).toList();
  }

  @Test
  void whatOnePollHandedOutIsCommittedAfterTheNext() {
    EventConsumer<byte[]> consumer = client.stream("s").consumer(ConsumerOptions.group("g"));
    FakeSource source = transport.source();
    source.assign(0);
    CompletableFuture<List<Message<byte[]>>> first = consumer.poll(10, Duration.ofSeconds(5));
    assertThat(first).isNotDone();
    source.deliver(0, 4);
    assertThat(offsets(first.join())).containsExactly(4L);
    time.advance(Duration.ofSeconds(5));
    assertThat(transport.calls).isEmpty();
    CompletableFuture<List<Message<byte[]>>> second = consumer.poll(10, Duration.ofSeconds(60));
    time.advance(Duration.ofSeconds(5));
    assertThat(transport.call(0).about()).isEqualTo(Map.of(0, 5L));
    assertThat(second).isNotDone();
  }
}
