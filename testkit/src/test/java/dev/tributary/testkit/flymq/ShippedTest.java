package dev.tributary.testkit.flymq;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.Schemas;
import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.wire.Received;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A public server: what it would leave out without a word is refused or said, and nothing takes it down. */
@Timeout(120)
class ShippedTest {
  private static final Duration SOON = Duration.ofSeconds(1);

  private final MemoryEngine engine = MemoryEngine.builder().build();
  private EmbeddedServer server = serve(Quirk.SHIPPED_FLYMQ, Quirk.FLYMQ_FEATURES_OFF);
  private Tributary client = connect();

  private EmbeddedServer serve(Quirk... quirks) {
    return EmbeddedServer.flymq().transport(engine.connect()).emulate(quirks).start();
  }

  private Tributary connect() {
    return Tributary.connect(ClientConfig.parse(server.uri()).toBuilder().timeout(Duration.ofSeconds(20)).build());
  }

  private Tributary connect(String option) {
    return Tributary.connect(ClientConfig.parse(server.uri()).toBuilder().option(option, "true").build());
  }

  @AfterEach
  void stop() {
    client.close();
    assertThat(server.faults().crashes()).isZero();
    server.close();
    engine.close();
  }

  private EventStream<String> stream(int partitions) throws Exception {
    of(client.admin().createStream("s", StreamConfig.partitions(partitions)));
    return client.stream("s", Codecs.text());
  }

  @Test
  void whatItDoesNotHeedIsRefused() throws Exception {
    EventStream<String> stream = stream(3);
    for (Event<String> event : List.of(Event.builder("e").partition(1).build(), Event.builder("e").ttl(SOON).build())) {
      TributaryException error = failure(stream.publish(event));
      assertThat(error).isInstanceOf(UnsupportedFeatureException.class).hasMessageContaining("do not heed");
      assertThat(error.maybeApplied()).isFalse();
    }
    assertThat(of(stream.latestOffset(0))).isEmpty();
  }

  @Test
  void aPartitionThatItDidNotHeedIsSaid() throws Exception {
    stream(3);
    try (Tributary trusting = connect("partition")) {
      TributaryException error = failure(trusting.stream("s").publish(Event.builder(new byte[1]).partition(2).build()));
      assertThat(error).isInstanceOf(UnsupportedFeatureException.class).hasMessageContaining("in partition 0").hasMessageContaining("not in 2");
      assertThat(error.maybeApplied()).isTrue();
    }
  }

  @Test
  void aDelayThatIsSwitchedOffIsSaid() throws Exception {
    EventStream<String> stream = stream(1);
    of(stream.publish("first"));
    TributaryException error = failure(stream.publish(Event.builder("later").delay(SOON).build()));
    assertThat(error).isInstanceOf(UnsupportedFeatureException.class).hasMessageContaining("at offset 1");
    assertThat(error.hint()).contains("FLYMQ_DELAYED_ENABLED");
    assertThat(error.maybeApplied()).isTrue();
  }

  @Test
  void nothingIsStrippedFromAnEvent() throws Exception {
    EventStream<String> stream = stream(1);
    for (Event<String> event : List.of(Event.builder("e").key("k").delay(SOON).build(), Event.builder("e").delay(SOON).ttl(SOON).build())) {
      TributaryException error = failure(stream.publish(event));
      assertThat(error).isInstanceOfAny(InvalidRequestException.class, UnsupportedFeatureException.class);
      assertThat(error.maybeApplied()).isFalse();
    }
    assertThat(of(stream.latestOffset(0))).isEmpty();
  }

  /** Its end of an empty partition is 1, at which the first event would be passed over. */
  @Test
  void theFirstEventIsNotPassedOver() throws Exception {
    EventStream<String> stream = stream(1);
    assertThat(of(stream.latestOffset(0))).isEmpty();
    Received<Message<String>> messages = new Received<>();
    stream.subscribe(SubscribeOptions.builder().group("g").start(StartAt.latest()).build()).subscribe(messages);
    while (of(stream.committed("g", 0)).isEmpty()) {
      Thread.onSpinWait();
    }
    assertThat(of(stream.publish("first"))).isEqualTo(new Position(0, 0));
    messages.await(1);
    assertThat(of(stream.latestOffset(0))).hasValue(0);
  }

  @Test
  void commitsAreOfPartitionsThatAreThere() throws Exception {
    EventStream<String> stream = stream(2);
    assertThat(failure(stream.commit("g", new Position(2, 1)))).isInstanceOf(InvalidRequestException.class);
    assertThat(failure(client.stream("nowhere").commit("g", new Position(0, 1)))).isInstanceOf(NotFoundException.class);
  }

  /** Its files are named by topic and group with a _ between them. */
  @Test
  void groupsThatItWouldTakeForOneAreKeptApart() throws Exception {
    EventStream<String> stream = stream(1);
    of(stream.publish("e"));
    for (String group : List.of("a_b", "a:b", "größe", "a%5Fb", "plain-1.x")) {
      of(stream.commit(group, new Position(0, 1)));
    }
    assertThat(of(stream.groups())).containsExactlyInAnyOrder("a_b", "a:b", "größe", "a%5Fb", "plain-1.x");
    try (Tributary seen = Tributary.over(engine.connect(), ClientConfig.builder("memory").build())) {
      assertThat(of(seen.stream("s").groups())).contains("a%5Fb", "a%3Ab", "plain-1.x").noneMatch(name -> name.matches(".*[_:].*"));
    }
    of(stream.deleteGroup("a_b"));
    assertThat(of(stream.committed("a%5Fb", 0))).hasValue(1);
  }

  @Test
  void namesThatItKeepsForItselfAreRefused() throws Exception {
    for (String name : List.of("schemas", "raft", "cluster", "audit", "__consumer_offsets")) {
      assertThat(failure(client.stream(name).publish(new byte[1]))).isInstanceOf(InvalidRequestException.class);
      assertThat(failure(client.admin().createStream(name, StreamConfig.DEFAULT))).isInstanceOf(InvalidRequestException.class);
    }
    assertThat(failure(client.admin().createStream("many", StreamConfig.partitions(10_001)))).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void transactionsThatAreSwitchedOffAreNotBegun() throws Exception {
    EventStream<String> stream = stream(1);
    TributaryException error = failure(client.inTransaction(transaction -> transaction.publish(stream, Event.of("e"))));
    assertThat(error).isInstanceOf(UnsupportedFeatureException.class);
    assertThat(error.hint()).contains("FLYMQ_TRANSACTION_ENABLED");
    assertThat(of(stream.latestOffset(0))).isEmpty();
  }

  @Test
  void theLatestOfSeveralVersionsIsNotDeleted() throws Exception {
    Schemas schemas = client.schemas();
    of(schemas.register("s", SchemaFormat.JSON, "{}"));
    of(schemas.register("s", SchemaFormat.JSON, "{\"type\":\"object\"}"));
    TributaryException error = failure(schemas.delete("s", 2));
    assertThat(error).isInstanceOf(UnsupportedFeatureException.class);
    assertThat(error.hint()).contains("older ones first");
    of(schemas.delete("s", 1));
    of(schemas.delete("s", 2));
    assertThat(of(schemas.versions("s"))).isEmpty();
  }

  @Test
  void whatIsValidByNoSchemaIsNotValid() throws Exception {
    assertThat(failure(client.schemas().validate("nowhere", new byte[1]))).isInstanceOf(NotFoundException.class);
    EventStream<String> stream = stream(1);
    assertThat(failure(stream.publish(Event.builder("{}").schema("nowhere").build()))).isInstanceOf(NotFoundException.class);
    assertThat(of(stream.latestOffset(0))).isEmpty();
  }

  /** As it is started it stores whatever it is given under a schema. */
  @Test
  void valuesAreCheckedEvenWhereTheServerChecksNone() throws Exception {
    EventStream<String> stream = stream(2);
    of(client.schemas().register("s", SchemaFormat.JSON, "{\"required\":[\"id\"]}"));
    TributaryException error = failure(stream.publish(Event.builder("{}").schema("s").build()));
    assertThat(error).isInstanceOfSatisfying(SchemaRejectedException.class, rejected -> assertThat(rejected.errors()).isNotEmpty());
    assertThat(of(stream.latestOffset(0))).isEmpty();
    // It would say the first partition, whichever it is.
    assertThat(of(stream.publish(Event.builder("{\"id\":1}").schema("s").build()))).isEqualTo(new Position(-1, -1));
    assertThat(of(stream.read(0, 0, 10))).extracting(Message::value).containsExactly("{\"id\":1}");
  }

  @Test
  void nothingIsStrippedFromAnEventThatNamesItsSchema() throws Exception {
    EventStream<String> stream = stream(1);
    of(client.schemas().register("s", SchemaFormat.JSON, "{}"));
    Event<String> event = Event.builder("{}").schema("s").build();
    for (Event<String> more :
        List.of(
            event.toBuilder().key("k").build(),
            event.toBuilder().partition(0).build(),
            event.toBuilder().delay(SOON).build(),
            event.toBuilder().ttl(SOON).build(),
            event.toBuilder().header("h", "v").build(),
            Event.builder("{\"tributary\":1,\"text\":\"v\"}").schema("s").build())) {
      TributaryException error = failure(stream.publish(more));
      assertThat(error).isInstanceOf(InvalidRequestException.class).hasMessageContaining("schema");
      assertThat(error.maybeApplied()).isFalse();
    }
    assertThat(of(stream.latestOffset(0))).isEmpty();
  }

  @Test
  void messagesThatWouldTakeItDownAreNotSent() throws Exception {
    Schemas schemas = client.schemas();
    of(schemas.register("p", SchemaFormat.PROTOBUF, "syntax = \"proto3\";"));
    byte[] endless = {0x0a, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1};
    assertThat(of(schemas.validate("p", endless)).errors()).singleElement().asString().contains("where 0 are left");
    assertThat(failure(client.stream("s").publish(Event.builder(endless).schema("p").build()))).isInstanceOf(SchemaRejectedException.class);
    of(schemas.register("a", SchemaFormat.AVRO, "{\"type\":\"array\",\"items\":\"long\"}"));
    assertThat(of(schemas.validate("a", new byte[] {-2, -1, -1, -1, 15})).errors()).singleElement().asString().contains("within a number");
    TributaryException error = failure(schemas.register("b", SchemaFormat.AVRO, "{\"type\":\"fixed\",\"name\":\"f\",\"size\":2000000000}"));
    assertThat(error).isInstanceOf(SchemaRejectedException.class).hasMessageContaining("a fixed of 2000000000 bytes");
    assertThat(of(schemas.versions("b"))).isEmpty();
  }
}
