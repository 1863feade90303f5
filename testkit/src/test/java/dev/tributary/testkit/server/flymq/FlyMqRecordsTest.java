package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.engine.MemoryEngine;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Answers.FetchedRecord;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlyMqRecordsTest extends FlyMqTopic {
  private EmbeddedServer server;
  private FlyMqClient client;

  @BeforeEach
  void begin() {
    server = start();
    client = connect(server);
  }

  private void create(String topic, int partitions) {
    client.<Answers.Done>call(Opcode.CREATE_TOPIC, new Requests.CreateTopic(topic, partitions));
  }

  private Answers.Produced produce(String topic, String key, String value, int partition) {
    return client.call(Opcode.PRODUCE, FlyMqClient.record(topic, key, value, partition));
  }

  private Answers.Fetched fetch(String topic, int partition, long offset, int max, String filter) {
    return client.call(Opcode.FETCH, new Requests.Fetch(topic, partition, offset, max, filter));
  }

  private static List<String> values(Answers.Fetched fetched) {
    return fetched.records().stream().map(FetchedRecord::value).map(FlyMqClient::text).toList();
  }

  @Test
  void aRecordIsWhereItIsSaidToBe() {
    Answers.Produced first = produce("t", "k", "v", -1);
    assertThat(first).isEqualTo(new Answers.Produced("t", 0, 0, time.now().toEpochMilli(), 1, 1));
    assertThat(produce("t", "", "", -1)).isEqualTo(new Answers.Produced("t", 0, 1, time.now().toEpochMilli(), -1, 0));
    Answers.Consumed read = client.call(Opcode.CONSUME, new Requests.Consume("t", 0, 0));
    assertThat(FlyMqClient.text(read.key()) + "=" + FlyMqClient.text(read.value())).isEqualTo("k=v");
    read = client.call(Opcode.CONSUME_ZERO_COPY, new Requests.Consume("t", 0, 1));
    assertThat(read.key()).isEmpty();
    assertThat(read.value()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"a, 1, 4, 4", "user-123, 2, 5, 11", "user-456, 2, 2, 8", "order-1, 1, 1, 1", "clé, 0, 0, 6"})
  void aKeyHasItsPartition(String key, int ofThree, int ofSix, int ofTwelve) {
    create("three", 3);
    create("six", 6);
    create("twelve", 12);
    assertThat(produce("three", key, "", -1).partition()).isEqualTo(ofThree);
    assertThat(produce("six", key, "", -1).partition()).isEqualTo(ofSix);
    assertThat(produce("twelve", key, "", -1).partition()).isEqualTo(ofTwelve);
  }

  @Test
  void keysThatAreNoTextComeBackAsTheyWere() {
    create("six", 6);
    byte[] key = {0, (byte) 0xff};
    Answers.Produced produced = client.call(Opcode.PRODUCE, new Requests.Produce("six", key, new byte[] {1}, -1));
    assertThat(produced.partition()).isEqualTo(4);
    assertThat(produced.keySize()).isEqualTo(2);
    assertThat(fetch("six", 4, 0, 10, "").records().get(0).key()).isEqualTo(key);
  }

  @Test
  void recordsWithoutAKeyTakeTurnsAndAChosenPartitionIsKept() {
    create("three", 3);
    List<Integer> turns = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      turns.add(produce("three", "", "v", -1).partition());
    }
    assertThat(turns).containsExactly(0, 1, 2, 0);
    assertThat(produce("three", "user-123", "v", 0).partition()).isZero();
    assertThat(client.refused(Opcode.PRODUCE, FlyMqClient.record("three", "", "v", 3))).isEqualTo("E0 partition 3 not found");
    assertThat(client.refused(Opcode.PRODUCE, FlyMqClient.record("three", "", "v", -2))).isEqualTo("E0 partition -2 not found");
  }

  @Test
  void whatIsNotThereIsNamed() {
    create("t", 1);
    assertThat(client.refused(Opcode.CONSUME, new Requests.Consume("t", 0, 0))).isEqualTo("E0 EOF");
    assertThat(client.refused(Opcode.CONSUME, new Requests.Consume("t", 0, -1))).isEqualTo("E0 EOF");
    assertThat(client.refused(Opcode.CONSUME, new Requests.Consume("t", 1, 0))).isEqualTo("E0 partition 1 out of range");
    assertThat(client.refused(Opcode.CONSUME, new Requests.Consume("t", -1, 0))).isEqualTo("E0 partition -1 out of range");
    assertThat(client.refused(Opcode.CONSUME, new Requests.Consume("u", 0, 0))).isEqualTo("E0 topic not found");
    assertThat(client.refused(Opcode.FETCH, new Requests.Fetch("u", 0, 0, 1, ""))).isEqualTo("E0 topic not found: u");
    assertThat(client.refused(Opcode.FETCH_BINARY, new Requests.Fetch("t", -1, 0, 1, ""))).isEqualTo("E0 partition -1 not found");
    assertThat(fetch("t", 0, -5, 1, "")).isEqualTo(new Answers.Fetched(-5, List.of()));
    assertThat(fetch("t", 0, 77, 1, "")).isEqualTo(new Answers.Fetched(77, List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/b", "..", ".", "a b", "é"})
  void namesThatAreNoneAreRefused(String name) {
    assertThat(client.refused(Opcode.PRODUCE, FlyMqClient.record(name, "", "v", -1))).startsWith("E0 invalid topic name");
    assertThat(client.refused(Opcode.CREATE_TOPIC, new Requests.CreateTopic(name, 1))).startsWith("E0 invalid topic name");
    assertThat(client.refused(Opcode.DELETE_TOPIC, new Requests.Name(name))).startsWith("E0 invalid topic name");
    assertThat(client.refused(Opcode.CLUSTER_METADATA, new Requests.Name("x".repeat(201)))).startsWith("E2 invalid topic name");
  }

  @Test
  void aServerThatDoesNotMakeTopicsSaysSo() {
    FlyMqClient other = connect(opened(EmbeddedServer.flymq().createOnFirstUse(false).start()));
    assertThat(other.refused(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1))).isEqualTo("E0 topic not found: t");
  }

  @Test
  void aFetchHasAsManyAsAskedForTenWithoutANumberAndAThousandAtMost() {
    for (int i = 0; i < 1_100; i++) {
      client.send(Opcode.PRODUCE, FlyMqClient.record("t", "", "v" + i, -1));
    }
    for (int i = 0; i < 1_100; i++) {
      client.receive();
    }
    assertThat(fetch("t", 0, 5, 3, "")).satisfies(page -> assertThat(values(page)).containsExactly("v5", "v6", "v7"));
    assertThat(fetch("t", 0, 0, 0, "").records()).hasSize(10);
    assertThat(fetch("t", 0, 0, -1, "").nextOffset()).isEqualTo(10);
    assertThat(fetch("t", 0, 0, Integer.MAX_VALUE, "")).satisfies(page -> {
      assertThat(page.records()).hasSize(1_000);
      assertThat(page.nextOffset()).isEqualTo(1_000);
      assertThat(values(page).get(999)).isEqualTo("v999");
    });
    assertThat(fetch("t", 0, 1_000, 1_000, "").records()).hasSize(100);
    assertThat(fetch("t", 0, 0, 10, "V1099").nextOffset()).as("so many are looked at").isEqualTo(1_000);
    assertThat(values(fetch("t", 0, 1_000, 10, "V1099"))).containsExactly("v1099");
  }

  @ParameterizedTest
  @CsvSource({
    "ZIP, 'zipped'",
    "KEY-7, 'plain'",
    "^p.*n$, 'plain'",
    "(, 'a (b'",
    "$.a.b, '{\"a\":{\"b\":null}}|{\"x\":1,\"a\":{\"c\":2,\"b\":[]}}'",
    "$.a.c, '{\"x\":1,\"a\":{\"c\":2,\"b\":[]}}'",
    "$.a.b.c, ''",
    "nothing, ''",
  })
  void filters(String filter, String accepted) {
    for (String value : List.of("zipped", "plain", "a (b", "{\"a\":{\"b\":null}}", "{\"x\":1,\"a\":{\"c\":2,\"b\":[]}}", "{\"a\":{\"b\":1}} trailing", "{\"a\":{\"b\":1}")) {
      produce("t", value.equals("plain") ? "key-7" : "", value, -1);
    }
    Answers.Fetched fetched = fetch("t", 0, 0, 10, filter);
    assertThat(String.join("|", values(fetched))).isEqualTo(accepted);
    assertThat(fetched.nextOffset()).isEqualTo(7);
  }

  /** A backtracking matcher would not be back before the sun is out. */
  @Test
  void noFilterTakesForever() {
    produce("t", "", "a".repeat(50_000) + "!", -1);
    assertThat(fetch("t", 0, 0, 1, "(a+)+$").records()).isEmpty();
    assertThat(fetch("t", 0, 0, 1, "(a+)+!$").records()).hasSize(1);
    assertThat(fetch("t", 0, 0, 1, "a{49}!$").records()).hasSize(1);
    for (String greedy : List.of("((a{1000}){1000}){1000}", "(".repeat(900) + "a" + ")".repeat(900), "a{0,1000}{0,1000}")) {
      assertThat(fetch("t", 0, 0, 1, greedy).records()).as("no more than text").isEmpty();
    }
    for (String large : List.of("(".repeat(30_000) + "a" + ")".repeat(30_000), "$." + "a.".repeat(30_000))) {
      assertThat(client.refused(Opcode.FETCH, new Requests.Fetch("t", 0, 0, 1, large))).isEqualTo("E0 filter too long");
    }
  }

  @Test
  void whatTheTransportCannotDoIsSaid() {
    MemoryEngine engine = opened(MemoryEngine.on(time));
    FlyMqClient other = connect(opened(EmbeddedServer.flymq().time(time).transport(new CoarseTransport(engine.connect())).start()));
    other.<Answers.Produced>call(Opcode.PRODUCE_WITH_TTL, new Requests.ProduceTimed("t", FlyMqClient.bytes("kept"), 1_001));
    time.advance(Duration.ofMillis(1_999));
    assertThat(other.<Answers.Fetched>call(Opcode.FETCH, new Requests.Fetch("t", 0, 0, 9, "")).records()).as("rounded up").hasSize(1);
    time.advance(Duration.ofMillis(1));
    assertThat(other.<Answers.Fetched>call(Opcode.FETCH, new Requests.Fetch("t", 0, 0, 9, "")).records()).isEmpty();
    assertThat(other.refused(Opcode.PRODUCE_WITH_TTL, new Requests.ProduceTimed("t", new byte[1], 11_000)))
        .isEqualTo("E0 memory waits or keeps for 10000 ms at most");
    assertThat(other.refused(Opcode.PRODUCE, FlyMqClient.record("t", "", "x".repeat(101), -1))).isEqualTo("E0 value of 101 bytes: 1 to 100 allowed");
    assertThat(other.refused(Opcode.PRODUCE, FlyMqClient.record("t", "", "", -1))).isEqualTo("E0 value of 0 bytes: 1 to 100 allowed");
    assertThat(other.refused(Opcode.PRODUCE, FlyMqClient.record("t", "k", "v", -1))).isEqualTo("E0 memory does not keep this key");
    assertThat(other.refused(Opcode.PRODUCE_DELAYED, new Requests.ProduceTimed("t", new byte[1], 1))).isEqualTo("E0 memory has no delays");
    assertThat(other.refused(Opcode.TXN_BEGIN, out -> {})).isEqualTo("E0 memory has no transactions");
    assertThat(other.refused(Opcode.VALIDATE_SCHEMA, new Requests.ValidateSchema("s", new byte[0]))).isEqualTo("E1 memory does not check messages");
    assertThat(other.refused(Opcode.GET_SCHEMA, new Requests.SchemaVersion("s", 0))).isEqualTo("E1 schema registry not initialized");
    other.<Answers.Done>call(Opcode.CREATE_TOPIC, new Requests.CreateTopic("two", 2));
    assertThat(other.refused(Opcode.PRODUCE, FlyMqClient.record("two", "", "v", 1))).isEqualTo("E0 memory chooses partitions itself");
    assertThat(other.<Answers.Produced>call(Opcode.PRODUCE, FlyMqClient.record("two", "", "v", -1)).partition()).isZero();
    assertThat(other.refused(Opcode.DELETE_GROUP, new Requests.Group("t", "g"))).isEqualTo("E0 memory does not delete groups");
  }

  @Test
  void anAnswerIsNotLargerThanAFrame() {
    String large = "x".repeat(9 << 20);
    for (int i = 0; i < 5; i++) {
      produce("t", "", large, -1);
    }
    assertThat(fetch("t", 0, 0, 5, "")).satisfies(page -> {
      assertThat(page.records()).hasSize(3);
      assertThat(page.nextOffset()).isEqualTo(3);
    });
    assertThat(fetch("t", 0, 3, 5, "").records()).hasSize(2);
  }

  @Test
  void theLargestRecordIsReadAlone() {
    produce("t", "", "x".repeat((32 << 20) - 15), -1);
    assertThat(fetch("t", 0, 0, 5, "").records()).hasSize(1);
  }

  @Test
  void whatHasATtlIsGoneAfterItAndOffsetsStay() {
    Answers.Produced mortal = client.call(Opcode.PRODUCE_WITH_TTL, new Requests.ProduceTimed("t", FlyMqClient.bytes("mortal"), 1_000));
    assertThat(mortal.offset()).isZero();
    client.<Answers.Produced>call(Opcode.PRODUCE_WITH_TTL, new Requests.ProduceTimed("t", FlyMqClient.bytes("kept"), 0));
    assertThat(values(fetch("t", 0, 0, 10, ""))).containsExactly("mortal", "kept");
    time.advance(Duration.ofMillis(1_000));
    assertThat(values(fetch("t", 0, 0, 10, ""))).containsExactly("kept");
    assertThat(fetch("t", 0, 0, 10, "").records().get(0).offset()).isEqualTo(1);
    assertThat(client.refused(Opcode.CONSUME, new Requests.Consume("t", 0, 0))).isEqualTo("E0 no record at offset 0");
    assertThat(client.refused(Opcode.PRODUCE_WITH_TTL, new Requests.ProduceTimed("t", new byte[0], -1))).isEqualTo("E0 invalid ttl: -1");
  }

  @Test
  void whatIsDelayedComesWhenItIsDue() {
    Answers.Produced later = client.call(Opcode.PRODUCE_DELAYED, new Requests.ProduceTimed("t", FlyMqClient.bytes("later"), 700));
    assertThat(later.offset()).as("not known yet").isZero();
    client.<Answers.Produced>call(Opcode.PRODUCE_DELAYED, new Requests.ProduceTimed("t", FlyMqClient.bytes("now"), 0));
    assertThat(values(fetch("t", 0, 0, 10, ""))).containsExactly("now");
    time.advance(Duration.ofMillis(700));
    assertThat(values(fetch("t", 0, 0, 10, ""))).containsExactly("now", "later");
    for (long absurd : new long[] {86_400_001, Long.MAX_VALUE, 9_223_372_036_855L}) {
      assertThat(client.refused(Opcode.PRODUCE_DELAYED, new Requests.ProduceTimed("t", new byte[0], absurd)))
          .startsWith("E0 delay ")
          .endsWith(" exceeds maximum allowed delay 24h0m0s");
    }
  }

  @Test
  void specialRecordsSayWhereTheyAre() {
    create("three", 3);
    Answers.Produced first = client.call(Opcode.PRODUCE_WITH_TTL, new Requests.ProduceTimed("three", new byte[1], 60_000));
    Answers.Produced second = client.call(Opcode.PRODUCE_WITH_TTL, new Requests.ProduceTimed("three", new byte[1], 60_000));
    assertThat(List.of(first.partition(), second.partition())).containsExactly(0, 1);
  }

  @ParameterizedTest
  @EnumSource(value = Opcode.class, names = {"FETCH", "FETCH_BINARY"})
  void bothWaysOfFetchingAreOne(Opcode opcode) {
    produce("t", "k", "v", -1);
    Answers.Fetched fetched = client.call(opcode, new Requests.Fetch("t", 0, 0, 10, ""));
    assertThat(values(fetched)).containsExactly("v");
  }

  @Test
  void topicsAreMadeListedAndDeleted() {
    create("b", 0);
    create("a", 6);
    create("a", 2);
    create("__hidden", 1);
    assertThat(client.<Answers.Names>call(Opcode.LIST_TOPICS, out -> {}).names()).containsExactly("a", "b");
    Answers.Cluster all = client.call(Opcode.CLUSTER_METADATA, new Requests.Name(""));
    assertThat(all.id()).isEqualTo("tributary");
    assertThat(all.topics().stream().map(topic -> topic.name() + " " + topic.partitions().size())).containsExactly("__hidden 1", "a 6", "b 1");
    for (int absurd : new int[] {-1, Integer.MIN_VALUE, 10_001, Integer.MAX_VALUE}) {
      assertThat(client.refused(Opcode.CREATE_TOPIC, new Requests.CreateTopic("c", absurd))).isEqualTo("E0 invalid partition count: " + absurd);
    }
    assertThat(client.<Answers.Done>call(Opcode.DELETE_TOPIC, new Requests.Name("a")).success()).isTrue();
    assertThat(client.<Answers.Done>call(Opcode.DELETE_TOPIC, new Requests.Name("a")).success()).isTrue();
    assertThat(client.refused(Opcode.CLUSTER_METADATA, new Requests.Name("a"))).isEqualTo("E2 topic not found: a");
  }
}
