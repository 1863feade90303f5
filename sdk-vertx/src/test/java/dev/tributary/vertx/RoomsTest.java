package dev.tributary.vertx;

import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The rules of the rooms in this module. */
class RoomsTest {
  private static final String DRIVERS = "dev.tributary.vertx.internal";
  private static final String NET = DRIVERS + ".net";
  private static final String SOURCE = DRIVERS + ".source";
  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.tributary.vertx");

  @Test
  void driversDoNotKnowTheClient() {
    noClasses().that().resideInAPackage(DRIVERS + "..").should().dependOnClassesThat().resideInAPackage("dev.tributary.vertx").check(CLASSES);
  }

  @Test
  void aDriverKnowsNoOther() {
    slices().matching(DRIVERS + ".(*)..").should().notDependOnEachOther().ignoreDependency(everything(), inShared().or(inHealth())).check(CLASSES);
  }

  @Test
  void netKnowsNeitherSourcesNorDrivers() {
    noClasses()
        .that(inNet())
        .should()
        .dependOnClassesThat(inDrivers().and(DescribedPredicate.not(inNet())))
        .check(CLASSES);
  }

  @Test
  void whatProtocolsShareKnowsNone() {
    noClasses().that().resideInAPackage(NET).should().dependOnClassesThat().resideInAPackage(NET + ".(*)..").check(CLASSES);
    slices().matching(NET + ".(*)..").should().notDependOnEachOther().check(CLASSES);
  }

  @Test
  void sourcesKnowNoDriver() {
    noClasses()
        .that()
        .resideInAPackage(SOURCE)
        .should()
        .dependOnClassesThat(inDrivers().and(DescribedPredicate.not(inShared())))
        .check(CLASSES);
  }

  /** So that it can be deleted: one class is taken, and one has it made. */
  @Test
  void whatIsShippedIsKnownToThoseWhoTakeItsPartsOnly() {
    isKnownToOnly(DRIVERS + ".goqueue.shipped", "GoQueueDriver");
    isKnownToOnly(DRIVERS + ".flymq.shipped", "FlyMqSchemas|Validator");
  }

  private static void isKnownToOnly(String shipped, String names) {
    noClasses()
        .that(
            inDrivers()
                .and(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage(shipped)))
                .and(DescribedPredicate.not(nameMatching(".*\\.(" + names + ")"))))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(shipped)
        .check(CLASSES);
  }

  @Test
  void theClientKnowsNoDriver() {
    noClasses()
        .that()
        .resideInAPackage("dev.tributary.vertx")
        .should()
        .dependOnClassesThat(inDrivers().and(DescribedPredicate.not(inNet())))
        .check(CLASSES);
  }

  /** But for what drivers and servers share whatever their network. */
  @Test
  void theInsideOfTheApiIsClosed() {
    noClasses()
        .should()
        .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("dev.tributary.internal..").and(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage("dev.tributary.internal.driver"))))
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.tributary.vertx.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void nobodySleepsOrPrints() {
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(CLASSES);
    noClasses().should().callMethod(Thread.class, "sleep", long.class, int.class).check(CLASSES);
    noClasses().should().accessField(System.class, "out").orShould().accessField(System.class, "err").check(CLASSES);
    noClasses().should().callMethod(Throwable.class, "printStackTrace").check(CLASSES);
  }

  private static DescribedPredicate<JavaClass> everything() {
    return DescribedPredicate.alwaysTrue();
  }

  private static DescribedPredicate<JavaClass> inNet() {
    return JavaClass.Predicates.resideInAPackage(NET + "..");
  }

  private static DescribedPredicate<JavaClass> inShared() {
    return inNet().or(JavaClass.Predicates.resideInAnyPackage(SOURCE, DRIVERS + ".envelope"));
  }

  /** The messages of the standard health service, which are nobody's own. */
  private static DescribedPredicate<JavaClass> inHealth() {
    return JavaClass.Predicates.resideInAPackage("dev.tributary.vertx.internal.health..");
  }

  private static DescribedPredicate<JavaClass> inDrivers() {
    return JavaClass.Predicates.resideInAPackage(DRIVERS + "..");
  }
}
