package dev.tributary.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.config.ClientConfig;
import dev.tributary.internal.Client;
import dev.tributary.internal.ManualTime;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is said of a group from whose place a subscription begins, and for which nobody commits. */
class UncommittedTest {
  private static final Logger LOG = Logger.getLogger("dev.tributary.subscription");

  private final List<String> warnings = new ArrayList<>();
  private final Filter before = LOG.getFilter();
  private final ManualTime time = new ManualTime();
  private final ScriptedTransport transport = new ScriptedTransport();
  private final Client client =
      new Client(transport, ClientConfig.builder("scripted").time(time).callbackExecutor(ClientConfig.INLINE).build());
  private long next;

  UncommittedTest() {
    LOG.setFilter(entry -> entry.getLevel() == Level.WARNING && !warnings.add(entry.getMessage()));
  }

  @AfterEach
  void stop() {
    LOG.setFilter(before);
  }

  private void subscribe(SubscribeOptions options) {
    client
        .stream("s")
        .subscribe(options)
        .subscribe(
            new Flow.Subscriber<Message<byte[]>>() {
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
            });
  }

  private void deliver() {
    transport.source().deliverUpTo(0, next++, 1);
  }

  private static SubscribeOptions group() {
    return SubscribeOptions.builder().group("billing").build();
  }

  @Test
  void withAGroupItBeginsWhereTheGroupStopped() {
    assertThat(group().start()).isEqualTo(StartAt.committed());
    assertThat(SubscribeOptions.DEFAULT.start()).isEqualTo(StartAt.latest());
  }

  @Test
  void itIsSaidOnceAfterAWhile() {
    subscribe(group());
    deliver();
    time.advance(Duration.ofSeconds(29));
    deliver();
    assertThat(warnings).isEmpty();
    time.advance(Duration.ofSeconds(1));
    deliver();
    deliver();
    assertThat(warnings).singleElement().satisfies(line -> assertThat(line).contains("default/default/s", "group billing", "consumer(\"billing\")"));
    client.close();
    assertThat(warnings).hasSize(1);
  }

  @Test
  void itIsSaidAtTheEndOtherwise() {
    subscribe(group());
    deliver();
    client.close();
    assertThat(warnings).hasSize(1);
  }

  @Test
  void nothingIsSaidWhereSomebodyCommitsOrNothingCame() {
    subscribe(group());
    deliver();
    client.stream("s").commit("billing", new Position(0, 1));
    time.advance(Duration.ofMinutes(1));
    deliver();
    subscribe(SubscribeOptions.builder().group("other").build());
    subscribe(SubscribeOptions.builder().group("elsewhere").start(StartAt.earliest()).build());
    deliver();
    client.close();
    assertThat(warnings).isEmpty();
  }
}
