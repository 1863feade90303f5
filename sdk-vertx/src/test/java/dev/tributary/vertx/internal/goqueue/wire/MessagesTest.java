package dev.tributary.vertx.internal.goqueue.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.ProtocolViolationException;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MessagesTest {
  private static final Instant TIME = Instant.parse("2026-03-01T09:30:00.5Z");
  private static final byte[] V = "vé\"\n".getBytes(UTF_8);
  private static final List<Messages.TopicPartition> PAIRS = List.of(new Messages.TopicPartition("t", 1), new Messages.TopicPartition("t", 2));

  private static <T> T read(String json, Class<T> type) {
    return Json.read(json.replace('\'', '"').getBytes(UTF_8), type);
  }

  private static String written(Object message) {
    return new String(Json.bytes(message), UTF_8).replace('"', '\'');
  }

  static List<Record> messages() {
    return List.of(
        new Messages.Done(),
        new Messages.Problem("no"),
        new Messages.Version("1"),
        new Messages.Health("pass", Map.of("storage", new Messages.Check("fail", "full", Duration.ofMillis(1_500)))),
        new Messages.Stats("n", Duration.ofHours(3), Long.MAX_VALUE, Map.of("t", new Messages.TopicStats(3, 4, 5))),
        new Messages.DelayStats(1, 2, 3, 4, Map.of("t", 5L)),
        new Messages.PriorityStats(Map.of("t", new Messages.TopicPriorities(List.of(1L, 2L, 3L, 4L, 5L)))),
        new Messages.ReliabilityStats(new Messages.AckStats(1, 2, 3, 4), new Messages.LeaseStats(5, 6)),
        new Messages.NewTopic("t", 3, 24L),
        new Messages.TopicNames(List.of("a", "b")),
        new Messages.Topic("t", 2, 10, 100, Map.of(0, new Messages.Ends(1, 2), 1, new Messages.Ends(0, -1))),
        new Messages.Publish(List.of(new Messages.NewMessage(V, "k", 1, "2s", "2026-03-01T09:30:00.5Z", "high"))),
        new Messages.Published(List.of(new Messages.Place(1, 2, ""), new Messages.Place(0, 0, "invalid partition 7"))),
        new Messages.Read(List.of(new Messages.ReadMessage(7, TIME, "k", V, "low")), 8),
        new Messages.Delayed(List.of(new Messages.DelayedMessage(1, 2, TIME))),
        new Messages.GroupList(List.of(new Messages.GroupName("g", List.of("t")))),
        new Messages.Group(3, List.of("t"), List.of(new Messages.Member("m", "c", List.of(0, 2)))),
        new Messages.Join("c", List.of("t"), "cooperative"),
        new Messages.Joined("m", 4, List.of("m", "n"), List.of(0, 1)),
        new Messages.Heartbeat("m", 4),
        new Messages.Leave("m"),
        new Messages.Commit("m", Map.of("t", Map.of("0", 5L))),
        new Messages.Committed(Map.of("t", Map.of(0, 5L))),
        new Messages.Rebalance(4, true, PAIRS, List.of()),
        new Messages.Rebalance(4, false, List.of(), null),
        new Messages.Revoked("m", 4, PAIRS),
        new Messages.CooperativeGroup(List.of(new Messages.CooperativeMember("m")), Map.of("m", PAIRS)),
        new Messages.Polled(Map.of(2, List.of(new Messages.PolledMessage(7, TIME, V, "t:2:7:1:f", "high")))),
        new Messages.EndPoll("p"),
        new Messages.PollEnded(true),
        new Messages.Ack("r"),
        new Messages.Nack("r", "0s", "why", true),
        new Messages.Nacked("dlq"),
        new Messages.Reject("r", "why"),
        new Messages.Extend("r", 30),
        new Messages.NewSchema("{}"),
        new Messages.Registered(1, 2),
        new Messages.Schema("s", 1, "{}", 2),
        new Messages.SetCompatibility("FULL"),
        new Messages.NewTenant("t", "n"),
        new Messages.NewKey("k", List.of("admin"), "1h"),
        new Messages.CompatibilityMode("FULL"),
        new Messages.Compatible(true),
        new Messages.Subjects(List.of("a", "b")),
        new Messages.Versions(List.of(1, 2)),
        new Messages.InitProducer("p", 60_000),
        new Messages.Producer(7, 1),
        new Messages.ProducerHeartbeat("p", 1),
        new Messages.Transact(7, 1, "p"),
        new Messages.Begun("txn"),
        new Messages.TransactionalMessage(7, 1, "t", 2, "k", V, 3),
        new Messages.Stored(9, true),
        new Messages.Traces(
            List.of(
                new Messages.Trace(
                    "id", "t", 1, 2, TIME, TIME, "failed", 1,
                    List.of(new Messages.Span("s", "parent", "consume.acked", TIME, "g", "c", 5L, "e", Map.of("a", "b")))))));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void comesBackAsItWas(Record message) {
    assertThat(Json.read(Json.write(message), message.getClass())).usingRecursiveComparison().isEqualTo(message);
  }

  @Test
  void everyMessageIsAmongThem() {
    assertThat(
            Arrays.stream(Messages.class.getDeclaredClasses())
                .filter(type -> messages().stream().noneMatch(message -> written(message).length() > 2 && type.isInstance(message)))
                .map(Class::getSimpleName))
        .as("messages that are not tried, other than parts of others")
        .containsExactlyInAnyOrder(
            "Done", "Check", "TopicStats", "TopicPriorities", "AckStats", "LeaseStats", "Ends", "NewMessage", "Place", "ReadMessage", "DelayedMessage",
            "TopicPartition", "GroupName", "Member", "CooperativeMember", "PolledMessage", "Trace", "Span");
  }

  @Test
  void isWrittenAsTheServerReadsIt() {
    assertThat(written(new Messages.NewTopic("t", 3, null))).isEqualTo("{'name':'t','num_partitions':3}");
    assertThat(written(Messages.Commit.of("m", "t", Map.of(0, 5L)))).isEqualTo("{'member_id':'m','offsets':{'t':{'0':5}}}");
    assertThat(written(new Messages.Nack("r", "1.5s", null, null))).isEqualTo("{'receipt_handle':'r','delay':'1.5s'}");
    assertThat(written(new Messages.Compatible(true))).isEqualTo("{'is_compatible':true}");
    assertThat(written(new Messages.TopicStats(1, 2, 3))).isEqualTo("{'Partitions':1,'TotalMessages':2,'TotalSize':3}");
    assertThat(written(new Messages.NewMessage(V, null, null, null, "2026-03-01T09:30:00.5Z", null))).isEqualTo("{'value':'vé\\'\\n','deliverAt':'2026-03-01T09:30:00.5Z'}");
    assertThat(written(new Messages.Subjects(List.of("a")))).isEqualTo("['a']");
  }

  @Test
  void whatIsLeftOutOrNullIsNothing() {
    for (String json : List.of("{}", "{'client_id':null,'topics':null,'protocol':null}", "{'session_timeout':[{}]}")) {
      Messages.Join join = read(json, Messages.Join.class);
      assertThat(join.clientId()).isEmpty();
      assertThat(join.topics()).isEmpty();
    }
    assertThat(read("{'producer_id':null}", Messages.Transact.class)).isEqualTo(new Messages.Transact(0, 0, ""));
    assertThat(read("{'status':'pass','checks':null}", Messages.Health.class)).isEqualTo(new Messages.Health("pass", Map.of()));
    assertThat(read("{'generation':1,'partitions_assigned':null}", Messages.Rebalance.class).partitionsAssigned()).isNull();
    assertThat(read("{'status':'ok','more':{'a':[1]}}", Messages.Done.class)).isEqualTo(new Messages.Done());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          Version          | null                                                | it is null
          Version          | ``                                                  | it is missing
          Version          | {                                                   | it is not JSON but {
          Version          | <html>                                              | it is not JSON but <html>
          Version          | {'version':'1'} {}                                  | it
          Version          | []                                                  | it is not an object but an array
          Version          | 'x'                                                 | it is not an object but x
          Version          | {}                                                  | version is missing
          Version          | {'version':null}                                    | version is missing
          Version          | {'version':7}                                       | version is not a text but 7
          Version          | {'version':true}                                    | version is not a text but true
          Version          | {'version':1.5}                                     | version is not a text but 1.5
          Version          | {'version':{}}                                      | version is not a text but an object
          Done             | []                                                  | it is not an object but an array
          Done             | 7                                                   | it is not an object but 7
          Producer         | {'producer_id':1}                                   | epoch is missing
          Producer         | {'producer_id':1,'epoch':null}                      | epoch is missing
          Producer         | {'producer_id':'1','epoch':0}                       | producer_id is not an integer but 1
          Producer         | {'producer_id':'','epoch':0}                        | producer_id is not an integer
          Producer         | {'producer_id':1.0,'epoch':0}                       | producer_id is not an integer but 1.0
          Producer         | {'producer_id':true,'epoch':0}                      | producer_id is not an integer but true
          Producer         | {'producer_id':1,'epoch':2147483648}                | epoch is not an integer but 2147483648
          Producer         | {'producer_id':9223372036854775808,'epoch':0}       | producer_id is not an integer but 9223372036854775808
          Producer         | {'producer_id':1e99,'epoch':0}                      | producer_id is not an integer but 1e99
          Compatible       | {'is_compatible':'true'}                            | is_compatible is not true or false but true
          Compatible       | {'is_compatible':1}                                 | is_compatible is not true or false but 1
          Compatible       | {'is_compatible':null}                              | is_compatible is missing
          TopicNames       | {'topics':7}                                        | topics is not an array but 7
          TopicNames       | {'topics':'x'}                                      | topics is not an array but x
          TopicNames       | {'topics':''}                                       | topics is not an array
          TopicNames       | {'topics':['a',null]}                               | topics
          TopicNames       | {'topics':['a',7]}                                  | topics[1] is not a text but 7
          Subjects         | {'a':1}                                             | it has a field a
          Subjects         | ['a',null]                                          | it
          Versions         | [1,'2']                                             | is not an integer but 2
          Group            | {'generation':1,'members':[{'id':'m'},{}]}          | members[1].id is missing
          Group            | {'generation':1,'members':[7]}                      | members[0] is not an object but 7
          Group            | {'generation':1,'members':[{'id':'m','assigned_partitions':[-1]}]} | partition is -1
          Joined           | {'member_id':'m','generation':1,'partitions':[100000]} | partition is 100000
          Joined           | {'member_id':'m','generation':1,'partitions':['0']} | partitions[0] is not an integer but 0
          Rebalance        | {'generation':1,'partitions_to_revoke':[{'topic':'t','partition':-1}]} | partition is -1
          Committed        | {}                                                  | topics is missing
          Committed        | {'topics':{'t':{'x':1}}}                            | topics.t has a field x
          Committed        | {'topics':{'t':{'-1':1}}}                           | partition is -1
          Committed        | {'topics':{'t':{'0':-1}}}                           | offset is -1
          Committed        | {'topics':{'t':{'0':9223372036854775807}}}          | offset is 9223372036854775807
          Committed        | {'topics':{'t':{'0':null}}}                         | topics.t
          Committed        | {'topics':{'t':null}}                               | topics
          Topic            | {'name':'t','partitions':0,'partition_offsets':{}}  | a topic of 0 partitions
          Topic            | {'name':'t','partitions':100001,'partition_offsets':{}} | a topic of 100001 partitions
          Topic            | {'name':'t','partitions':1}                         | partition_offsets is missing
          Topic            | {'name':'t','partitions':1,'partition_offsets':{'0':{'earliest':0}}} | partition_offsets.0.latest is missing
          Topic            | {'name':'t','partitions':1,'partition_offsets':{'0':7}} | partition_offsets.0 is not an object but 7
          Published        | {}                                                  | results is missing
          Published        | {'results':[{}]}                                    | a message at partition -1, offset -1
          Published        | {'results':[{'partition':-1,'offset':0}]}           | a message at partition -1, offset 0
          Published        | {'results':[{'partition':0,'offset':-1}]}           | a message at partition 0, offset -1
          Published        | {'results':[{'partition':2147483648,'offset':0}]}   | results[0].partition is not an integer but 2147483648
          Published        | {'results':[{'partition':0,'offset':0,'error':7}]}  | results[0].error is not a text but 7
          Read             | {'messages':[{'offset':0}]}                         | messages[0].value is missing
          Read             | {'messages':[{'value':'v'}]}                        | messages[0].offset is missing
          Read             | {'messages':[{'offset':0,'value':'v','timestamp':'soon'}]} | messages[0].timestamp is not a time but soon
          Read             | {'messages':[],'next_offset':'1'}                   | next_offset is not an integer but 1
          Delayed          | {'messages':[{'partition':0,'offset':-1,'deliver_at':'2026-03-01T09:30:00Z'}]} | offset is -1
          Polled           | {'messages':{'100000':[]}}                          | partition is 100000
          Polled           | {'messages':{'0':null}}                             | messages
          Polled           | {'messages':{'0':[null]}}                           | messages
          Polled           | {'messages':{'0':[{'offset':-1,'timestamp':'2026-03-01T09:30:00Z','value':'v','receipt_handle':'r'}]}} | offset is -1
          Stats            | {'node_id':'n','uptime':'long','total_size_bytes':1,'topic_stats':{}} | uptime is not a duration but long
          Stats            | {'node_id':'n','uptime':7,'total_size_bytes':1,'topic_stats':{}} | uptime is not a duration but 7
          """)
  void whatIsNotAsItShouldBeIsRefusedWithWhatItIs(String type, String json, String reason) throws Exception {
    Class<?> message = Class.forName(Messages.class.getName() + "$" + type);
    assertThatThrownBy(() -> read(json, message))
        .isInstanceOf(ProtocolViolationException.class)
        .hasMessageContaining("an answer that GoQueue does not give: ")
        .hasMessageContaining(reason);
  }

  @Test
  void whatNeverEndsIsRefusedShortly() {
    for (String json :
        List.of(
            "[".repeat(500_000),
            "{\"a\":".repeat(100_000),
            "{\"topics\":" + "[".repeat(200_000),
            "{\"topics\":[\"" + "x".repeat(500_000),
            "{\"topics\":[" + "1".repeat(5_000) + "]}")) {
      assertThatThrownBy(() -> Json.read(json.getBytes(UTF_8), Messages.TopicNames.class))
          .isInstanceOf(ProtocolViolationException.class)
          .extracting(error -> error.getMessage().length())
          .satisfies(length -> assertThat(length).isLessThan(1_000));
    }
  }

  @Test
  void aLongTextIsReadWhole() {
    String text = "x".repeat(30_000_000);
    assertThat(read("{'version':'" + text + "'}", Messages.Version.class).version()).isEqualTo(text);
  }

  @Test
  void garbageIsRefusedOrRead() {
    Random random = new Random(7);
    List<Record> messages = messages();
    for (int i = 0; i < 20_000; i++) {
      Record message = messages.get(random.nextInt(messages.size()));
      byte[] garbage = Garbage.near(random, new String(Json.bytes(message), UTF_8), "{}[]\":,0123abnul-\\ ").getBytes(UTF_8);
      try {
        assertThat(Json.read(garbage, message.getClass())).isNotNull();
      } catch (ProtocolViolationException refused) {
        assertThat(refused).hasMessageContaining("GoQueue does not give");
      }
    }
  }

  @Test
  void halfASurrogatePairBecomesAReplacement() {
    assertThat(written(new Messages.Reject("r", "a\ud800b"))).isEqualTo("{'receipt_handle':'r','reason':'a\ufffdb'}");
  }

  @Test
  void messagesOneBehindTheOtherAreThereAtOnce() throws Exception {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (var writer = Json.sequences(Messages.Ack.class).writeValues(json)) {
      writer.write(new Messages.Ack("\u0000\"\\\u00e9\ud83d\ude00\u2028"));
      assertThat(Json.read(json.toByteArray(), Messages.Ack.class).receiptHandle()).isEqualTo("\u0000\"\\\u00e9\ud83d\ude00\u2028");
      json.write(',');
      writer.write(new Messages.Ack("b"));
      assertThat(json.toString(UTF_8)).endsWith("},{\"receipt_handle\":\"b\"}");
    }
  }
}
