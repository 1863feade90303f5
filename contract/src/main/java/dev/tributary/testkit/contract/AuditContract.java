package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.access.Audit;
import dev.tributary.access.AuditEvent;
import dev.tributary.access.AuditFormat;
import dev.tributary.access.AuditQuery;
import dev.tributary.access.AuditResult;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.config.Credentials.UserPassword;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.UnauthenticatedException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who did what. The backend's clients are an administrator's, as in {@link AccessContract}. */
public abstract class AuditContract extends Contract {
  private static final String SECRET = "s3cr3t-0";

  @BeforeEach
  final void requireAudit() {
    requires(Capability.ACCESS_CONTROL, Capability.AUDIT, Capability.CREATE_RESOURCES);
  }

  private Audit audit() {
    return client().access().audit();
  }

  private List<AuditEvent> search(AuditQuery.Builder query) {
    return get(audit().search(query.build()));
  }

  private String create() {
    String stream = fresh("stream");
    get(client().admin().createStream(stream, StreamConfig.DEFAULT));
    return stream;
  }

  private String user() {
    String name = fresh("user");
    get(client().access().createUser(new UserPassword(name, SECRET), Set.of("guest")));
    return name;
  }

  @Test
  void whatWasDoneIsWrittenDown() {
    String me = get(client().access().whoAmI()).orElseThrow().user();
    String stream = create();
    get(client().admin().delete(ResourceKind.STREAM, stream));
    String user = user();
    get(client().access().deleteUser(user));
    List<AuditEvent> events = search(AuditQuery.builder().user(me).types("topic.create", "topic.delete", "user.create", "user.delete"));
    assertThat(events).extracting(AuditEvent::type).containsExactly("user.delete", "user.create", "topic.delete", "topic.create");
    assertThat(events).extracting(AuditEvent::result).containsOnly(AuditResult.SUCCESS);
    assertThat(events.get(0).resource()).isEqualTo(user);
    assertThat(events.get(3).resource()).contains(stream);
    assertThat(events.get(0).action()).isEqualTo("delete_user");
    assertThat(events).allSatisfy(event -> assertThat(event.time()).isBeforeOrEqualTo(backend().time().now()));
  }

  @Test
  void whoWasNotLetInAndWhatWasNotAllowedIsWrittenDown() {
    String user = user();
    failure(UnauthenticatedException.class, connect(config -> config.credentials(new UserPassword(user, "wrong"))).access().roles());
    failure(PermissionDeniedException.class, connect(config -> config.credentials(new UserPassword(user, SECRET))).access().users());
    List<AuditEvent> events = search(AuditQuery.builder().user(user));
    assertThat(events).extracting(AuditEvent::type).contains("auth.failure", "auth.success", "access.denied");
    assertThat(search(AuditQuery.builder().user(user).result(AuditResult.DENIED))).extracting(AuditEvent::type).containsOnly("access.denied");
    assertThat(search(AuditQuery.builder().user(user).result(AuditResult.FAILURE)))
        .allSatisfy(event -> assertThat(event.details()).containsEntry("reason", "invalid username or password"));
    assertThat(events.toString()).doesNotContain(SECRET);
  }

  @Test
  void conditionsHoldTogether() {
    String one = create();
    Instant between = backend().time().now().plusMillis(1);
    pass(Duration.ofMillis(400));
    String two = create();
    AuditQuery.Builder created = AuditQuery.builder().types("topic.create");
    assertThat(search(created)).hasSize(2);
    assertThat(search(AuditQuery.builder().resource(one))).hasSize(1);
    assertThat(search(AuditQuery.builder().text(one.toUpperCase(Locale.ROOT)))).hasSize(1);
    assertThat(search(AuditQuery.builder().types("topic.create").to(between)).get(0).resource()).contains(one);
    assertThat(search(AuditQuery.builder().types("topic.create").to(between))).hasSize(1);
    assertThat(search(AuditQuery.builder().types("topic.create").from(between)).get(0).resource()).contains(two);
    assertThat(search(AuditQuery.builder().types("topic.create").from(between))).hasSize(1);
    assertThat(search(AuditQuery.builder().types("topic.delete"))).isEmpty();
    assertThat(search(AuditQuery.builder().types("topic.create").user("somebody-else"))).isEmpty();
  }

  @Test
  void whatIsMoreThanAPageIsFoundPageByPage() {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 250; i++) {
      made.add(0, create());
    }
    AuditQuery all = AuditQuery.builder().types("topic.create").limit(1_000).build();
    List<AuditEvent> events = get(audit().search(all));
    assertThat(events).hasSize(250).extracting(AuditEvent::id).doesNotHaveDuplicates();
    for (int i = 0; i < made.size(); i++) {
      assertThat(events.get(i).resource()).endsWith(made.get(i));
    }
    List<AuditEvent> paged = new ArrayList<>();
    AuditQuery query = all.toBuilder().limit(60).build();
    for (List<AuditEvent> page = get(audit().search(query)); !page.isEmpty(); page = get(audit().search(query))) {
      paged.addAll(page);
      create();
      query = query.before(page.get(page.size() - 1));
    }
    assertThat(paged).as("each once, whatever is added meanwhile").isEqualTo(events);
    byte[] csv = get(audit().export(all.before(events.get(9)), AuditFormat.CSV));
    assertThat(new String(csv, StandardCharsets.UTF_8).lines()).hasSize(1 + 240);
  }

  @Test
  void whatIsFoundIsExported() {
    create();
    AuditQuery query = AuditQuery.builder().types("topic.create").build();
    List<AuditEvent> events = get(audit().search(query));
    for (AuditFormat format : AuditFormat.values()) {
      assertThat(get(audit().export(query, format))).isEqualTo(format.write(events));
    }
  }

  @Test
  void badInputIsRefusedBeforeAnythingIsSent() {
    get(client().access().whoAmI());
    long before = backend().sent(client());
    failure(InvalidRequestException.class, audit().search(AuditQuery.builder().user("").build()));
    failure(InvalidRequestException.class, audit().search(AuditQuery.builder().types("").build()));
    failure(InvalidRequestException.class, audit().search(AuditQuery.builder().text("half \ud800").build()));
    assertThat(backend().sent(client())).isEqualTo(before);
  }
}
