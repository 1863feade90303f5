package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import dev.tributary.testkit.server.EmbeddedServer;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The stories over real gRPC, through a cluster whose nodes share what is stored. */
final class DisheapSeedTest extends DisheapStories {
  private static final String API_KEY = "dh_test_secret";

  private final List<EmbeddedServer> nodes = List.of(node(), node(), node());

  @Override
  @AfterEach
  void stop() {
    client.close();
    nodes.forEach(EmbeddedServer::close);
    super.stop();
  }

  @Override
  Tributary connect(UnaryOperator<ClientConfig.Builder> more) {
    return connect(nodes, more);
  }

  @Test
  void aNodeThatEndsIsLeftForAnother() {
    client.admin().createQueue("topic", QueueConfig.DEFAULT).join();
    JobQueue<String> queue = client.queue("topic", Codecs.text());
    queue.enqueue("before").join();
    nodes.get(0).stop();
    assertThat(get(queue.enqueue("after")).duplicate()).isFalse();
    assertThat(get(queue.receive(2))).extracting(Job::value).containsExactly("before", "after");
  }

  @Test
  void everyNodeIsHealthy() {
    for (EmbeddedServer node : nodes) {
      try (Tributary one = connect(List.of(node), UnaryOperator.identity())) {
        assertThat(one.health().live().join()).isTrue();
        assertThat(one.health().ready().join()).isTrue();
      }
    }
  }

  @Test
  void errorsOfTheWireAreToldApartByTheirClass() {
    client.admin().createQueue("topic", QueueConfig.DEFAULT).join();
    JobQueue<String> queue = client.queue("topic", Codecs.text());
    assertThat(error(queue.enqueue(NewJob.builder("v").priority(1_000_001).build()))).isInstanceOf(InvalidRequestException.class);

    try (Tributary stranger = connect(config -> config.token("dh_wrong_secret"));
        Tributary hasty = connect(config -> config.retry(Retry.NONE))) {
      assertThat(error(stranger.queue("topic").enqueue(new byte[1]))).isInstanceOf(UnauthenticatedException.class);
      nodes.forEach(EmbeddedServer::stop);
      assertThat(error(hasty.queue("topic").enqueue(new byte[1]))).isInstanceOf(ConnectionFailedException.class);
    }
  }

  private EmbeddedServer node() {
    return EmbeddedServer.of("disheap").transport(engine.connect()).time(time).token(API_KEY).createOnFirstUse(false).start();
  }

  private Tributary connect(List<EmbeddedServer> to, UnaryOperator<ClientConfig.Builder> more) {
    ClientConfig.Builder config =
        ClientConfig.builder("disheap").token(API_KEY).time(time).timeout(Duration.ofDays(1)).idleProbe(Duration.ofDays(1));
    to.forEach(node -> ClientConfig.parse(node.uri()).endpoints().forEach(config::endpoint));
    return Tributary.connect(more.apply(config).build());
  }
}
