//! Reading the entities by hand.

use super::*;

/// An entity that is read by hand as well, so that what the library reads has something to be
/// compared with.
pub trait ByHand: ::relations::query::Identified + fmt::Debug + Clone + PartialEq {
    /// The properties as a new row.
    type New: NewEntity<Entity = Self>;

    /// The entity in the columns from a position on; `None` where an outer join found none.
    fn by_hand(row: &Row, from: usize) -> Option<Self>;

    /// A builder of a row with these properties.
    fn to_new(&self) -> Self::New;
}

/// An id that is read by hand.
pub trait IdByHand: Key + IntoKey<Self> + fmt::Debug + Ord {
    /// The number of its columns.
    const PARTS: usize;

    /// The id in the first columns.
    fn by_hand(row: &Row) -> Self;
}

impl IdByHand for i16 {
    const PARTS: usize = 1;

    fn by_hand(row: &Row) -> Self {
        row.get(0)
    }
}

impl IdByHand for String {
    const PARTS: usize = 1;

    fn by_hand(row: &Row) -> Self {
        row.get(0)
    }
}

impl<A, B> IdByHand for (A, B)
where
    A: IdByHand + relations::Value + for<'row> FromSql<'row>,
    B: IdByHand + relations::Value + for<'row> FromSql<'row>,
    (A, B): IntoKey<(A, B)>,
{
    const PARTS: usize = 2;

    fn by_hand(row: &Row) -> Self {
        (row.get(0), row.get(1))
    }
}

/// The index of a column, among those from a position on.
fn column(row: &Row, from: usize, name: &str) -> usize {
    let at = row.columns()[from..].iter().position(|column| column.name() == name);
    from + at.unwrap_or_else(|| panic!("the hand-written SQL selects no `{name}`"))
}

/// Reads an entity from columns of these names. The first is never null in a row that is there.
macro_rules! by_hand {
    ($($entity:ident $new:ident {
        $first:ident = $id:literal $(, $field:ident = $column:literal)* $(,)?
    })*) => {
        $(
            impl ByHand for $entity {
                type New = $new;

                fn by_hand(row: &Row, from: usize) -> Option<Self> {
                    Some(Self {
                        $first: row.get::<_, Option<_>>(column(row, from, $id))?,
                        $($field: row.get(column(row, from, $column)),)*
                    })
                }

                fn to_new(&self) -> $new {
                    $new { $first: self.$first.clone(), $($field: self.$field.clone(),)* }
                }
            }
        )*
    };
}

by_hand! {
    Category NewCategory {
        id = "category_id",
        name = "category_name",
        description = "description",
        picture = "picture",
    }
    CustomerCustomerDemo NewCustomerCustomerDemo {
        customer_id = "customer_id",
        customer_type_id = "customer_type_id",
    }
    CustomerDemographic NewCustomerDemographic {
        id = "customer_type_id",
        description = "customer_desc",
    }
    Customer NewCustomer {
        id = "customer_id",
        company_name = "company_name",
        contact_name = "contact_name",
        contact_title = "contact_title",
        address = "address",
        city = "city",
        region = "region",
        postal_code = "postal_code",
        country = "country",
        phone = "phone",
        fax = "fax",
    }
    Employee NewEmployee {
        id = "employee_id",
        last_name = "last_name",
        first_name = "first_name",
        title = "title",
        title_of_courtesy = "title_of_courtesy",
        birth_date = "birth_date",
        hire_date = "hire_date",
        address = "address",
        city = "city",
        region = "region",
        postal_code = "postal_code",
        country = "country",
        home_phone = "home_phone",
        extension = "extension",
        photo = "photo",
        notes = "notes",
        reports_to = "reports_to",
        photo_path = "photo_path",
    }
    EmployeeTerritory NewEmployeeTerritory {
        employee_id = "employee_id",
        territory_id = "territory_id",
    }
    OrderDetail NewOrderDetail {
        order_id = "order_id",
        product_id = "product_id",
        unit_price = "unit_price",
        quantity = "quantity",
        discount = "discount",
    }
    Order NewOrder {
        id = "order_id",
        customer_id = "customer_id",
        employee_id = "employee_id",
        ordered_on = "order_date",
        required_on = "required_date",
        shipped_on = "shipped_date",
        ship_via = "ship_via",
        freight = "freight",
        ship_name = "ship_name",
        ship_address = "ship_address",
        ship_city = "ship_city",
        ship_region = "ship_region",
        ship_postal_code = "ship_postal_code",
        ship_country = "ship_country",
    }
    Product NewProduct {
        id = "product_id",
        name = "product_name",
        supplier_id = "supplier_id",
        category_id = "category_id",
        quantity_per_unit = "quantity_per_unit",
        unit_price = "unit_price",
        units_in_stock = "units_in_stock",
        units_on_order = "units_on_order",
        reorder_level = "reorder_level",
        discontinued = "discontinued",
    }
    Region NewRegion {
        id = "region_id",
        description = "region_description",
    }
    Shipper NewShipper {
        id = "shipper_id",
        company_name = "company_name",
        phone = "phone",
    }
    Supplier NewSupplier {
        id = "supplier_id",
        company_name = "company_name",
        contact_name = "contact_name",
        contact_title = "contact_title",
        address = "address",
        city = "city",
        region = "region",
        postal_code = "postal_code",
        country = "country",
        phone = "phone",
        fax = "fax",
        homepage = "homepage",
    }
    Territory NewTerritory {
        id = "territory_id",
        description = "territory_description",
        region_id = "region_id",
    }
    State NewState {
        id = "state_id",
        name = "state_name",
        abbreviation = "state_abbr",
        region = "state_region",
    }
}
