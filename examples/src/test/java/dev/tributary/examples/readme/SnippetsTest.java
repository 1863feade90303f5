package dev.tributary.examples.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.Tributary;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.codec.EncryptionKey;
import dev.tributary.codec.avro.AvroCodec;
import dev.tributary.codec.json.JsonCodec;
import dev.tributary.codec.protobuf.ProtobufCodec;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.opentelemetry.OpenTelemetryInstrumentation;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.StreamSelection;
import dev.tributary.stream.StreamsConsumer;
import dev.tributary.testkit.FakeTributary;
import dev.tributary.testkit.TributaryTest;
import dev.tributary.testkit.server.EmbeddedServer;
import io.opentelemetry.exporter.prometheus.PrometheusHttpServer;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.Test;

/** The short pieces of the README and of {@code docs}, each within a test that it belongs to. */
@TributaryTest
class SnippetsTest {
  record Order(String customer, long cents) {}

  private static final org.apache.avro.Schema READING =
      org.apache.avro.SchemaBuilder.record("Reading").fields().requiredDouble("celsius").endRecord();

  @Test
  void valuesHaveTypes(FakeTributary tributary) {
    String key = EncryptionKey.generate().hex();

    Codec<Order> json = JsonCodec.of(Order.class);
    Codec<Timestamp> protobuf = ProtobufCodec.of(Timestamp.parser());
    Codec<GenericRecord> avro = AvroCodec.of(READING);
    Codec<Order> secret = Codecs.encrypted(json, EncryptionKey.parse(key));

    JobQueue<Order> orders = tributary.queue("orders", json);

    passes(tributary, json, new Order("ann", 4200));
    passes(tributary, secret, new Order("ann", 4200));
    passes(tributary, protobuf, Timestamp.newBuilder().setSeconds(42).build());
    passes(tributary, avro, new GenericRecordBuilder(READING).set("celsius", 21.5).build());
    tributary.await(orders.enqueue(new Order("bob", 1)));
    assertThat(tributary.await(orders.reserve()).orElseThrow().value()).isEqualTo(new Order("bob", 1));
  }

  private static <T> void passes(FakeTributary tributary, Codec<T> codec, T value) {
    EventStream<T> stream = tributary.stream("values", codec);
    var at = tributary.await(stream.publish(value));
    assertThat(tributary.await(stream.read(at.partition(), at.offset(), 1)).get(0).value()).isEqualTo(value);
  }

  @Test
  void errorsSayWhatMayHaveHappened(FakeTributary tributary) {
    List<String> said = new ArrayList<>();
    JobQueue<String> mails = tributary.queue("mails", Codecs.text());
    tributary.faults().failNext("enqueue", new ServerErrorException(ErrorInfo.of("out of disk", "").maybeApplied(true)));
    place(mails, "ann@example.org", said);
    assertThat(said).singleElement().asString().contains("out of disk");

    tributary.faults().failNext("enqueue", new NotFoundException(ErrorInfo.of("no queue", "")));
    assertThatThrownBy(() -> place(mails, "ann@example.org", said)).hasCauseInstanceOf(NotFoundException.class);
  }

  private static void place(JobQueue<String> mails, String address, List<String> log) {
    try {
      mails.enqueue(address).join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof TributaryException why && why.maybeApplied()) {
        log.add("may be in the queue, or not: " + why.getMessage());
      } else {
        throw failed;
      }
    }
  }

  @Test
  void aConsumerTriesAgain(FakeTributary tributary) {
    List<String> tried = new ArrayList<>();
    EventStream<String> orders = tributary.stream("orders", Codecs.text());
    ConsumerOptions billing = ConsumerOptions.builder().group("billing").redelivery(RedeliveryPolicy.maxAttempts(5)).build();
    EventConsumer<String> consumer = orders.consumer(billing);
    consumer.process(
        order -> {
          tried.add(order.value());
          throw new IllegalStateException("the bank is closed");
        });
    tributary.await(orders.publish("order 42"));
    tributary.time().advance(Duration.ofMinutes(5));
    assertThat(tried).hasSize(5);
    assertThat(tributary.await(orders.deadLetters().list(10))).hasSize(1);
  }

  @Test
  void oneConsumerReadsSeveralStreams(FakeTributary tributary) {
    List<String> billed = new ArrayList<>();
    tributary.await(tributary.stream("refunds", Codecs.text()).publish("r"));
    tributary.await(tributary.stream("orders.eu", Codecs.text()).publish("o"));

    StreamSelection orders = StreamSelection.builder().streams("refunds").matching("orders.#").build();
    StreamsConsumer<String> consumer = tributary.consumer(orders, Codecs.text(), ConsumerOptions.group("billing"));
    consumer.process(message -> billed.add(message.stream() + ": " + message.value())); // or forEach, or poll

    tributary.time().advance(Duration.ofSeconds(10));
    assertThat(billed).containsExactlyInAnyOrder("default/default/refunds: r", "default/default/orders.eu: o");
  }

  @Test
  void aServerStandsInTheTest() {
    try (EmbeddedServer server = EmbeddedServer.of("flowmesh").token("secret").start();
        Tributary tributary = Tributary.connect(ClientConfig.parse(server.uri()).toBuilder().token("secret").build())) {
      tributary.queue("mails", Codecs.text()).enqueue("ann@example.org").join();
      assertThat(tributary.queue("mails").stats().join().pending()).isEqualTo(1);
    }
  }

  @Test
  void telemetryIsWired() throws Exception {
    String uri = "memory:?memory.private=true";
    int port = 0;
    PrometheusHttpServer prometheus = PrometheusHttpServer.builder().setHost("127.0.0.1").setPort(port).build();
    OpenTelemetrySdk telemetry =
        OpenTelemetrySdk.builder().setMeterProvider(SdkMeterProvider.builder().registerMetricReader(prometheus).build()).build();

    ClientConfig config =
        ClientConfig.parse(uri).toBuilder().instrumentation(OpenTelemetryInstrumentation.of(telemetry)).build();
    try (telemetry; Tributary tributary = Tributary.connect(config)) {
      tributary.queue("mails", Codecs.text()).enqueue("ann@example.org").join();
      assertThat(scrape(prometheus)).contains("messaging_client_sent_messages_total");
    }
  }

  private static String scrape(PrometheusHttpServer prometheus) throws Exception {
    // Nothing but its text says which port a free one is.
    Matcher port = Pattern.compile(":(\\d+)").matcher(prometheus.toString());
    assertThat(port.find()).isTrue();
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.group(1) + "/metrics")).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }
}
