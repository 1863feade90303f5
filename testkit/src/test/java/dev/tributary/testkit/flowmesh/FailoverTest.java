package dev.tributary.testkit.flowmesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Tributary;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.wire.FailoverCases;
import dev.tributary.testkit.wire.Received;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FailoverTest extends FailoverCases {
  FailoverTest() {
    super("flowmesh", 1);
  }

  @Override
  protected void create() {
    // Made by the first use.
  }

  @Override
  protected void store(String value) throws Exception {
    passing.of(stream().publish(value));
  }

  @Override
  protected List<String> stored() throws Exception {
    return events();
  }

  @Override
  protected CompletableFuture<?> touch(Tributary client) {
    return client.stream("s").read(0, 0, 1);
  }

  @Test
  void aSubscriptionFindsTheNodeThatIsThere() throws Exception {
    toFirst.refuse();
    store("a");
    Received<Message<String>> messages = new Received<>();
    stream().subscribe(SubscribeOptions.from(StartAt.earliest())).subscribe(messages);
    passing.until("the message", () -> !messages.all(Message::value).isEmpty());
    assertThat(messages.all(Message::value)).containsExactly("a");
  }
}
