package dev.tributary.testkit.goqueue;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.HealthReport;
import dev.tributary.JobQueue;
import dev.tributary.Transaction;
import dev.tributary.TransactionOptions;
import dev.tributary.Tributary;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.queue.Job;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.trace.TraceQuery;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which call goes where, what there is, and how the server is. */
@Timeout(120)
class SurveyTest {
  private static final String SCHEMA = "{\"type\":\"object\"}";

  private final VirtualTime time = new VirtualTime();
  private final MemoryEngine engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
  private final EmbeddedServer server = EmbeddedServer.goqueue().transport(engine.connect()).time(time).start();
  private final Tributary client =
      Tributary.connect(ClientConfig.parse(server.uri()).toBuilder().timeout(Duration.ofDays(1)).time(time).retry(Retry.NONE).build());

  @BeforeEach
  void createTopic() throws Exception {
    of(client.admin().createStream("s", StreamConfig.DEFAULT));
  }

  @AfterEach
  void close() {
    passing(client.closeAsync(Duration.ofHours(1))).join();
    server.close();
    engine.close();
  }

  /** Lets time pass until this is done: who waits for an endpoint that failed waits for its next try. */
  private <T> CompletableFuture<T> passing(CompletableFuture<T> call) {
    while (!call.isDone()) {
      time.advance(Duration.ofMillis(100));
      LockSupport.parkNanos(1_000_000);
    }
    return call;
  }

  private EventStream<String> stream() {
    return client.stream("s", Codecs.text());
  }

  /** What a call asks for, as the server's routes are named. */
  private record Passage(String name, String route, Function<SurveyTest, CompletionStage<?>> call) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Passage to(String route, String name, Function<SurveyTest, CompletionStage<?>> call) {
    return new Passage(name, route, call);
  }

  static Stream<Passage> passages() {
    String messages = "POST /topics/{topic}/messages";
    String topic = "GET /topics/{topic}";
    String versions = "/schemas/subjects/{subject}/versions";
    return Stream.of(
        to(messages, "publish", test -> test.stream().publish("a")),
        to(messages, "enqueue", test -> test.client.queue("s", Codecs.text()).enqueue("a")),
        to("GET /topics/{topic}/partitions/{partition}/messages", "read", test -> test.stream().read(0, 0, 1)),
        to(topic, "partitions", test -> test.stream().partitions()),
        to(topic, "latestOffset", test -> test.stream().latestOffset(0)),
        to("GET /topics/{topic}/delayed", "delayed list", test -> test.stream().delayed().list(10)),
        to("DELETE /topics/{topic}/delayed/{partition}/{offset}", "delayed cancel", test -> test.stream().delayed().cancel(new Position(0, 0))),
        to("GET /groups", "groups", test -> test.stream().groups()),
        to("GET /groups/{group}", "groupState", test -> test.stream().groupState("g")),
        to("GET /groups/{group}/offsets", "committed", test -> test.stream().committed("g", 0)),
        to("POST /groups/{group}/join", "commit joins", test -> test.stream().commit("g", new Position(0, 0))),
        to("POST /groups/{group}/offsets", "commit", test -> test.stream().commit("g", new Position(0, 0))),
        to("DELETE /groups/{group}", "deleteGroup", test -> test.stream().commit("g", new Position(0, 0)).thenCompose(made -> test.stream().deleteGroup("g"))),
        to("GET /groups/{group}/poll", "reserve", test -> test.client.queue("s").reserve()),
        to("POST /messages/ack", "ack", test -> test.taken(Job::ack)),
        to("POST /messages/nack", "nack", test -> test.taken(Job::nack)),
        to("POST /messages/reject", "reject", test -> test.taken(job -> job.reject("no good"))),
        to("POST /messages/visibility", "extend", test -> test.taken(job -> job.extend(Duration.ofMinutes(1)))),
        to("POST /producers/init", "transaction, producer", SurveyTest::begun),
        to("POST /transactions/begin", "transaction", SurveyTest::begun),
        to("POST /transactions/publish", "transaction publish", test -> test.begun().thenCompose(begun -> begun.publish(test.stream(), Event.of("a")))),
        to("POST /transactions/commit", "transaction commit", test -> test.begun().thenCompose(Transaction::commit)),
        to("POST /transactions/abort", "transaction abort", test -> test.begun().thenCompose(Transaction::abort)),
        to("POST " + versions, "register", test -> test.client.schemas().register("v", SchemaFormat.JSON, SCHEMA)),
        to("GET " + versions + "/{version}", "latest", test -> test.client.schemas().latest("v")),
        to("GET " + versions + "/{version}", "version", test -> test.client.schemas().version("v", 1)),
        to("GET " + versions, "versions", test -> test.client.schemas().versions("v")),
        to("DELETE " + versions + "/{version}", "delete version", test -> test.client.schemas().delete("v", 1)),
        to("GET /schemas/subjects", "subjects", test -> test.client.schemas().subjects()),
        to("GET /schemas/ids/{id}", "byId", test -> test.client.schemas().byId(1)),
        to("GET /schemas/config", "compatibility", test -> test.client.schemas().compatibility()),
        to("PUT /schemas/config", "setCompatibility", test -> test.client.schemas().setCompatibility(Compatibility.NONE)),
        to("GET /schemas/config/{subject}", "compatibility of one", test -> test.client.schemas().compatibility("v")),
        to("PUT /schemas/config/{subject}", "setCompatibility of one", test -> test.client.schemas().setCompatibility("v", Compatibility.NONE)),
        to(
            "POST /schemas/compatibility/subjects/{subject}/versions/{version}",
            "isCompatible",
            test -> test.client.schemas().isCompatible("v", SchemaFormat.JSON, SCHEMA)),
        to("POST /topics", "createStream", test -> test.client.admin().createStream("t", StreamConfig.DEFAULT)),
        to("DELETE /topics/{topic}", "delete", test -> test.client.admin().delete(ResourceKind.STREAM, "s")),
        to("GET /topics", "list", test -> test.client.admin().list(ResourceKind.STREAM)),
        to("GET /stats", "statistics", test -> test.client.admin().statistics()),
        to("GET /delay/stats", "statistics of delays", test -> test.client.admin().statistics()),
        to("GET /priority/stats", "statistics of priorities", test -> test.client.admin().statistics()),
        to("GET /reliability/stats", "statistics of settlements", test -> test.client.admin().statistics()),
        to("GET /traces/search", "search", test -> test.client.traces().search(TraceQuery.LATEST)),
        to("GET /traces/{id}", "trace", test -> test.client.traces().trace("0".repeat(32))));
  }

  private CompletableFuture<Transaction> begun() {
    return client.transaction(TransactionOptions.DEFAULT);
  }

  private CompletionStage<?> taken(Function<Job<String>, CompletionStage<?>> settle) {
    JobQueue<String> queue = client.queue("s", Codecs.text());
    return queue.enqueue("job").thenCompose(stored -> queue.reserve()).thenCompose(job -> settle.apply(job.orElseThrow()));
  }

  /** What fails there is what the caller hears of. */
  @ParameterizedTest
  @MethodSource("passages")
  void everyCallGoesToItsRoute(Passage passage) throws Exception {
    server.faults().fail(passage.route(), 1, 500, "on purpose");
    assertThat(failure(passage.call().apply(this).toCompletableFuture()))
        .isInstanceOf(ServerErrorException.class)
        .hasMessageContaining("on purpose");
  }

  @Test
  void listsWhatThereIsByName() throws Exception {
    of(client.admin().createStream("b", StreamConfig.DEFAULT));
    of(client.admin().createStream("other/space/a c", StreamConfig.partitions(2)));
    assertThat(of(client.admin().list(ResourceKind.STREAM)))
        .extracting(info -> info.name().toString())
        .containsExactly("default/default/b", "default/default/s", "other/space/a c");
    assertThat(of(client.stream("other/space/a c").partitions())).isEqualTo(2);
  }

  @Test
  void healthIsWhatTheServerSaysAndFalseWithoutOne() throws Exception {
    assertThat(of(client.health().live())).isTrue();
    HealthReport well = of(client.health().report());
    assertThat(well.ready()).isTrue();
    assertThat(well.checks()).containsOnlyKeys("broker", "storage").allSatisfy((name, check) -> assertThat(check.passed()).isTrue());
    engine.ready(false);
    assertThat(of(client.health().live())).isTrue();
    assertThat(of(client.health().ready())).isFalse();
    assertThat(of(client.health().report()).ready()).isFalse();
    server.stop();
    assertThat(of(passing(client.health().live()))).isFalse();
    assertThat(of(passing(client.health().ready()))).isFalse();
    HealthReport gone = of(passing(client.health().report()));
    assertThat(gone.ready()).isFalse();
    assertThat(gone.checks()).isNotEmpty().allSatisfy((name, check) -> assertThat(check.passed()).isFalse());
    assertThat(failure(passing(client.admin().list(ResourceKind.STREAM)))).isInstanceOf(ConnectionFailedException.class);
    engine.ready(true);
    server.start();
    assertThat(of(passing(client.health().ready()))).isTrue();
  }
}
