package dev.tributary.nats;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules of the rooms in this module. */
class RoomsTest {
  private static final String ROOM = "dev.tributary.nats";
  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages(ROOM);

  /** They wait for an answer or a socket, on threads on which futures complete. */
  private static final Set<String> BLOCKING =
      Set.of("ackSync", "drain", "flush", "flushBuffer", "forceReconnect", "outgoingPendingBytes", "outgoingPendingMessageCount", "RTT");

  /** They are forgotten if the connection ends, or not sent, and nobody is told. */
  private static final Set<String> UNCONFIRMED = Set.of("ack", "inProgress", "nak", "nakWithDelay", "request", "requestWithTimeout", "term");

  @Test
  void theDriverNeedsNoOtherNetwork() {
    noClasses().should().dependOnClassesThat().resideInAnyPackage("io.vertx..", "io.netty..", "dev.tributary.vertx..").check(CLASSES);
  }

  @Test
  void theClientOfNatsIsTheConnectionOnly() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.nats.client")
                .and(
                    DescribedPredicate.describe(
                        "are the APIs above it", type -> type.getSimpleName().matches(".*(JetStream|KeyValue|Context|ObjectStore|Management).*"))))
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOM + ".client")
        .should()
        .dependOnClassesThat(resideInAPackage("io.nats.client").and(DescribedPredicate.not(simpleName("Message"))))
        .check(CLASSES);
  }

  @Test
  void nothingBlocksAndNothingGoesUnconfirmed() {
    noClasses()
        .should()
        .callMethodWhere(
            DescribedPredicate.<JavaMethodCall>describe(
                "block, or are not confirmed",
                call ->
                    call.getTargetOwner().getPackageName().startsWith("io.nats.client")
                        && (BLOCKING.contains(call.getName()) || UNCONFIRMED.contains(call.getName()))))
        .check(CLASSES);
  }

  /** On a thread for that: see {@code Dial} and {@code Link.close}. */
  @Test
  void connectionsAreMadeAndEndedInOnePlace() {
    noClasses()
        .that(DescribedPredicate.not(simpleName("Dial").or(simpleName("Link"))))
        .should()
        .callMethodWhere(
            DescribedPredicate.<JavaMethodCall>describe(
                "connect or disconnect",
                call ->
                    call.getTargetOwner().getName().matches("io\\.nats\\.client\\.(Nats|Connection)")
                        && (call.getName().startsWith("connect") || call.getName().equals("close"))))
        .check(CLASSES);
  }

  @Test
  void roomsKnowThoseToTheirRight() {
    noClasses()
        .that()
        .resideInAPackage(ROOM + ".wire")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOM, ROOM + ".client")
        .check(CLASSES);
    noClasses().that().resideInAPackage(ROOM + ".client").should().dependOnClassesThat().resideInAPackage(ROOM).check(CLASSES);
    slices().matching(ROOM + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }
}
