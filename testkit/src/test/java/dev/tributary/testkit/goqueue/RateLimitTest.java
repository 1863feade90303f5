package dev.tributary.testkit.goqueue;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import dev.tributary.testkit.wire.PassingTime;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that takes a thousand requests a second, on a clock that stands still unless it is moved. */
@Timeout(120)
class RateLimitTest {
  private static final int BURST = 1_000;
  private static final Duration ASKED = Duration.ofSeconds(1);

  private final VirtualTime time = new VirtualTime();
  private final PassingTime passing = new PassingTime(time);
  private final EmbeddedServer server = EmbeddedServer.goqueue().time(time).rateLimited(true).start();
  private final JsonClient others = new JsonClient(server);
  private final Tributary client = Tributary.connect(config(Retry.DEFAULT));
  private final JobQueue<String> queue = client.queue("s", Codecs.text());

  private ClientConfig config(Retry retry) {
    return ClientConfig.parse(server.uri()).toBuilder().retry(retry).timeout(Duration.ofDays(1)).idleProbe(Duration.ofDays(1)).time(time).build();
  }

  @BeforeEach
  void createTopic() throws Exception {
    passing.of(client.admin().createStream("s", StreamConfig.DEFAULT));
  }

  @AfterEach
  void stop() throws Exception {
    passing.of(client.closeAsync(Duration.ofMinutes(5)));
    server.close();
  }

  /** Somebody else asks for all that there is, at this very moment. */
  private void exhaust() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
    for (int i = 0; i < BURST; i++) {
      asked.add(others.start("GET", "/topics/s", null));
    }
    for (CompletableFuture<HttpResponse<String>> one : asked) {
      one.join();
    }
    assertThat(others.send("GET", "/topics/s", null).statusCode()).isEqualTo(429);
  }

  private List<String> stored() throws Exception {
    return passing.of(client.stream("s", Codecs.text()).read(0, 0, 1_000)).stream().map(Message::value).toList();
  }

  @Test
  void theErrorSaysHowLongToWaitAndThatNothingWasDone() throws Exception {
    try (Tributary impatient = Tributary.connect(config(Retry.NONE))) {
      exhaust();
      TributaryException error = failure(impatient.stream("s").publish(new byte[1]));
      assertThat(error).isInstanceOf(OverloadedException.class).hasMessageContaining("429");
      assertThat(error.retryable()).isTrue();
      assertThat(error.maybeApplied()).isFalse();
      assertThat(error.retryAfter()).hasValue(ASKED);
      assertThat(error.hint()).contains("batches");
      time.advance(ASKED);
      assertThat(stored()).isEmpty();
    }
  }

  @Test
  void aCallIsMadeAgainNoSoonerThanItWasTold() throws Exception {
    exhaust();
    CompletableFuture<Position> published = client.stream("s").publish(Event.builder(new byte[1]).partition(0).build());
    // Nobody is asked for a key or an allowance here, and no time passes.
    while (!others.send("GET", "/metrics", null).body().contains("method=\"POST\",code=\"429\"")) {
      assertThat(published).isNotDone();
    }
    time.advance(ASKED.minusMillis(1));
    assertThat(others.get("/topics/s").getLong("total_messages")).isZero();
    assertThat(published).isNotDone();
    passing.of(published);
    assertThat(stored()).hasSize(1);
  }

  @Test
  void aBatchingPublisherLosesNothingAndKeepsTheOrder() throws Exception {
    List<String> values = IntStream.range(0, 300).mapToObj(i -> "m-" + i).toList();
    List<CompletableFuture<Position>> published = new ArrayList<>();
    try (EventPublisher<String> publisher = client.stream("s", Codecs.text()).publisher(PublisherOptions.builder().maxBatchEvents(10).build())) {
      for (String value : values) {
        if (published.size() % 100 == 50) {
          exhaust();
        }
        published.add(publisher.publish(value));
      }
      for (CompletableFuture<Position> one : published) {
        passing.of(one);
      }
    }
    assertThat(published.stream().map(CompletableFuture::join).map(Position::offset)).isSorted();
    assertThat(stored()).isEqualTo(values);
  }

  @Test
  void aWorkerIsHeldBackAndHandlesEverythingOnce() throws Exception {
    List<String> values = IntStream.range(0, 200).mapToObj(i -> "j-" + i).toList();
    for (String value : values) {
      passing.of(queue.enqueue(value));
    }
    Set<String> handled = ConcurrentHashMap.newKeySet();
    List<String> again = new ArrayList<>();
    try (Worker worker =
        queue.worker(
            WorkerOptions.concurrency(4),
            job -> {
              if (!handled.add(job.value())) {
                synchronized (again) {
                  again.add(job.value());
                }
              }
              return CompletableFuture.completedFuture(null);
            })) {
      for (int part = 1; part <= 3; part++) {
        int so = part * 50;
        passing.until("some jobs", () -> handled.size() >= so);
        exhaust();
      }
      passing.until("the rest", () -> handled.size() == values.size());
      assertThat(worker.ended()).isNotDone();
      passing.of(worker.closeAsync(Duration.ofMinutes(5)));
    }
    assertThat(handled).containsExactlyInAnyOrderElementsOf(values);
    assertThat(again).as("every lease is longer than what the server asks to wait").isEmpty();
    assertThat(passing.of(queue.stats()).pending()).isZero();
  }
}
