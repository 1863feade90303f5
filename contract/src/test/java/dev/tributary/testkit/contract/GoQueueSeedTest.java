package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.Statistics;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import dev.tributary.stream.Event;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.trace.Trace;
import dev.tributary.trace.TraceQuery;
import dev.tributary.trace.TraceSpan;
import dev.tributary.trace.TraceStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The stories over real HTTP, and those that only this backend has. */
final class GoQueueSeedTest extends GoQueueStories {
  private static final String API_KEY = "gq_secret";

  private final EmbeddedServer server =
      EmbeddedServer.of("goqueue").transport(engine.connect()).time(time).token(API_KEY).createOnFirstUse(false).start();

  @Override
  @AfterEach
  void stop() {
    super.stop();
    server.close();
  }

  @Override
  Tributary connect(UnaryOperator<ClientConfig.Builder> more) {
    ClientConfig.Builder config =
        ClientConfig.parse(server.uri()).toBuilder().token(API_KEY).time(time).timeout(Duration.ofDays(1)).connectTimeout(Duration.ofDays(1)).idleProbe(Duration.ofDays(1));
    return Tributary.connect(more.apply(config).build());
  }

  @Test
  void aTopicIsAStreamAndAQueue() {
    get(client.admin().createStream("orders", StreamConfig.partitions(3)));
    EventStream<String> stream = client.stream("orders", Codecs.text());
    JobQueue<String> queue = client.queue("orders", Codecs.text());
    get(stream.publish(Event.builder("order").key("user-123").header("type", "created").build()));
    Job<String> job = get(queue.receive(1)).get(0);
    assertThat(job.value()).isEqualTo("order");
    assertThat(job.headers()).isEqualTo(Map.of("type", "created"));
    get(job.ack());
    assertThat(get(queue.receive(1))).isEmpty();
    assertThat(get(client.admin().list(ResourceKind.QUEUE))).extracting(ResourceInfo::name).containsExactly(stream.name());
  }

  @Test
  void theServersPartsAndCountersAreShown() {
    assertThat(get(client.health().report()).checks()).containsOnlyKeys("broker", "storage").allSatisfy((name, check) -> assertThat(check.passed()).isTrue());
    get(client.admin().createQueue("work", QueueConfig.DEFAULT));
    JobQueue<String> work = client.queue("work", Codecs.text());
    get(work.enqueueAll(List.of(NewJob.of("a"), NewJob.builder("b").priority(2).build(), NewJob.builder("c").delay(Duration.ofHours(1)).build())));
    get(get(work.receive(1)).get(0).ack());
    Statistics statistics = get(client.admin().statistics());
    assertThat(statistics.streams()).hasSize(1);
    Statistics.OfStream topic = statistics.streams().get(0);
    assertThat(topic.name()).isEqualTo(work.name());
    assertThat(topic.messages()).isEqualTo(2);
    assertThat(topic.delayed()).isEqualTo(1);
    assertThat(topic.byPriority()).containsEntry(2, 1L);
    assertThat(statistics.delays().pending()).isEqualTo(1);
    assertThat(statistics.settlements().acked()).isEqualTo(1);
    time.advance(Duration.ofMinutes(5));
    assertThat(get(client.admin().statistics()).uptime()).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void whatBecameOfAMessageIsLookedUp() {
    get(client.admin().createQueue("work", QueueConfig.DEFAULT));
    JobQueue<String> work = client.queue("work", Codecs.text());
    get(work.enqueueAll(List.of(NewJob.of("good"), NewJob.of("bad"))));
    get(get(work.receive(1)).get(0).ack());
    get(get(work.receive(1)).get(0).reject("no"));
    Trace good = get(client.traces().search(TraceQuery.builder().stream("work").status(TraceStatus.COMPLETED).build())).get(0);
    assertThat(good.offset()).hasValue(0);
    assertThat(get(client.traces().trace(good.id())).spans())
        .extracting(TraceSpan::event)
        .startsWith("publish.received")
        .contains("consume.fetched")
        .endsWith("consume.acked");
    TraceQuery failed = TraceQuery.builder().stream("work").status(TraceStatus.FAILED).build();
    assertThat(get(client.traces().search(failed))).extracting(Trace::offset).containsExactly(OptionalLong.of(1));
  }

  @Test
  void aWrongKeyIsRefused() {
    Tributary stranger = connect(config -> config.token("gq_wrong").header("X-Tenant-ID", "my-tenant"));
    assertThat(error(stranger.stream("orders").publish(new byte[1]))).isInstanceOf(UnauthenticatedException.class);
    get(stranger.closeAsync());
  }
}
